import { messageOf } from '#shared/errors/message.ts';
import { readOptions } from './options.ts';
import { runSample } from './run.ts';
import { isSuccess } from './summary.ts';
import { createReporter } from './view/reporter.ts';

// The main job, `npm start`. Exit codes: 0 it went well or was ended by Ctrl-C, 1 it did not, 2 wrong option or
// configuration, 130 a run with --once that was ended before its time, or a second Ctrl-C.
const interrupted = 130;

async function main(args: readonly string[]): Promise<number> {
  const invocation = readOptions(args);
  if (invocation.kind === 'say') {
    (invocation.exitCode === 0 ? process.stdout : process.stderr).write(invocation.text);
    return invocation.exitCode;
  }
  const { options } = invocation;
  const reporter = createReporter({ out: process.stdout, json: options.json, env: process.env });
  const stop = new AbortController();
  onInterrupt(stop);
  try {
    const summary = await runSample({ options, reporter, signal: stop.signal });
    if (summary !== undefined) reporter.summarise(summary);
    if (stop.signal.aborted) return options.once ? interrupted : 0;
    return summary !== undefined && isSuccess(summary) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`banyan: ${messageOf(error)}\n`);
    return Error.isError(error) && configurationErrors.has(error.name) ? 2 : 1;
  }
}

const configurationErrors: ReadonlySet<string> = new Set(['ConfigError', 'FlagFileError']);

// npm hands its own SIGINT on to us, and the terminal has sent us one already: two so close are one Ctrl-C.
const sameInterruptMs = 300;

/** The first signal ends the run in order. The second ends us at once; whatever we started notices that and ends too. */
function onInterrupt(stop: AbortController): void {
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= performance.now();
      if (stop.signal.aborted && performance.now() - first > sameInterruptMs) process.exit(interrupted);
      stop.abort();
    });
  }
  // A reader that has gone away (`npm start -- --json | head`) is a Ctrl-C as well.
  process.stdout.on('error', () => stop.abort());
}

process.exit(await main(process.argv.slice(2)));
