/**
 * Runs what can be ended cleanly by Ctrl-C or SIGTERM: the first one aborts the signal, the second ends the process.
 * @returns what `work` returns
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const ending = new AbortController();
  const stop = (): void => {
    if (ending.signal.aborted) process.exit(130);
    ending.abort(new Error('stopped; what is done stays done, and the same command goes on from there'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(ending.signal);
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason as Error;
    throw error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
