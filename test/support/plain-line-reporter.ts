/** What we need of jest's result of a whole run. */
interface RunResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Ends the run with the one plain line that CI reads: `N passed, N failed`. A file that could not run counts as failed. */
export default class PlainLineReporter {
  onRunComplete(_contexts: unknown, result: RunResult): void {
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    const skipped = result.numPendingTests + result.numTodoTests;
    const skippedPart = skipped > 0 ? `, ${skipped} skipped` : '';
    const line = `${result.numPassedTests} passed, ${failed} failed${skippedPart}\n`;
    // On exit, so that it stands below the coverage and the summary.
    process.once('exit', () => process.stdout.write(line));
  }
}
