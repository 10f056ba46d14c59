export interface Closers {
  /** @param what for the view: "stopping the proxy"; empty for what nobody needs to be told */
  add(what: string, close: () => Promise<void> | void): void;
  /** Closes the last added first, each once. A closer that fails does not keep the others from running. */
  close(tell: (what: string) => void): Promise<void>;
}

/** What was started, so that it ends in the opposite order however far the start has come. */
export function createClosers(): Closers {
  const stack: { readonly what: string; readonly close: () => Promise<void> | void }[] = [];
  return {
    add(what, close) {
      stack.push({ what, close });
    },
    async close(tell) {
      const errors: unknown[] = [];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        if (next.what !== '') tell(next.what);
        try {
          await next.close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0)
        throw new AggregateError(errors, `could not end cleanly: ${errors.map(String).join('; ')}`);
    },
  };
}
