import type { PaymentContext } from './context.types.ts';

/**
 * Calls the provider and waits no longer than the context allows, whether or not the provider heeds the signal.
 * @returns `undefined` when it did not answer, or failed: the outcome of the call is then unknown
 */
export async function askProvider<T>(
  { providerTimeoutMs, log }: Pick<PaymentContext, 'providerTimeoutMs' | 'log'>,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly answer: T } | undefined> {
  const abort = new AbortController();
  const silence = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    abort.abort();
    silence.resolve(undefined);
  }, providerTimeoutMs);
  const begun = async (): Promise<T> => call(abort.signal);
  const answered = begun().then(
    (answer) => ({ answer }),
    (error: unknown) => {
      log.warn({ err: error }, 'the payment provider failed or did not answer in time');
      return undefined;
    },
  );
  try {
    return await Promise.race([answered, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}
