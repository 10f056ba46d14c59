import type { AggregatedResult } from '@jest/reporters';

/** Ends the run with the one plain line that CI reads: `N passed, N failed`. A file that could not run counts as failed. */
export default class PlainLineReporter {
  onRunComplete(_contexts: unknown, result: AggregatedResult): void {
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const skipped = result.numPendingTests + result.numTodoTests;
    const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
    const line = `${result.numPassedTests} passed, ${failed} failed${skippedPart}\n`;
    // On exit, so that it stands below the coverage and the summary.
    process.once('exit', () => process.stdout.write(line));
  }
}
