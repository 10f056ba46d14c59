export interface Periodic {
  /** Ends the repetition; resolves when a run that had begun is over. */
  stop(): Promise<void>;
}

export interface PeriodicOptions {
  readonly task: () => Promise<void>;
  /** Milliseconds between the end of a run and the begin of the next. */
  readonly everyMs: number;
  /** A run that fails is told here, and the next comes all the same. */
  readonly onError: (error: unknown) => void;
}

/** Repeats a task, one run at a time, without keeping the process alive. */
export function periodic({ task, everyMs, onError }: PeriodicOptions): Periodic {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer = schedule();

  function schedule(): NodeJS.Timeout {
    return setTimeout(() => {
      running = task()
        .catch(onError)
        .then(() => {
          if (!stopped) timer = schedule();
        });
    }, everyMs).unref();
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
