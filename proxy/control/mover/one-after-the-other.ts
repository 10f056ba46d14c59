/**
 * Lets calls share a run of `work` that begins after all of them: a call joins the next run, never the one that is under way,
 * whose result may be older than the call.
 */
export function oneAfterTheOther<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<unknown> | undefined;
  let next: Promise<Result> | undefined;
  const run = async (): Promise<Result> => {
    await running?.catch(() => undefined);
    next = undefined;
    const mine = work();
    running = mine;
    try {
      return await mine;
    } finally {
      if (running === mine) running = undefined;
    }
  };
  return () => (next ??= run());
}
