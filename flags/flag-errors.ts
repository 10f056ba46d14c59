import type { Logger } from '#shared/telemetry/log.ts';

/**
 * Why a flag could not be asked: `unknown` (there is no such flag), `wrong-type` (its value is not of its kind),
 * `wrong-rollout` (see `wrongRollouts`), `evaluation` (LaunchDarkly's evaluator answered with an error).
 */
export type FlagErrorCode = 'unknown' | 'wrong-type' | 'wrong-rollout' | 'evaluation';

export interface FlagErrorCount {
  readonly flag: string;
  readonly code: FlagErrorCode;
  /** Times that it was asked in vain; a kept answer counts once. */
  readonly count: number;
  /** One sentence on the last one. */
  readonly detail: string;
}

export interface FlagErrors {
  readonly list: () => FlagErrorCount[];
  /** Logs the first of its code for each version of a flag. */
  readonly tell: (error: FlagError) => void;
  /** Tells, and counts one more safe answer. */
  readonly count: (error: FlagError) => void;
}

export interface FlagError {
  readonly flag: string;
  readonly code: FlagErrorCode;
  readonly detail: string;
  /** Of the flag; -1 where there is none. */
  readonly version: number;
}

/** Counts what could not be asked, and keeps the log from filling at the rate of requests. */
export function createFlagErrors(log: Logger): FlagErrors {
  const seen = new Map<string, { error: FlagError; count: number }>();

  const add = (error: FlagError, more: 0 | 1): void => {
    const id = `${error.code} ${error.flag}`;
    const entry = seen.get(id);
    if (entry?.error.version !== error.version) {
      log.error({ flag: error.flag, code: error.code }, `${error.detail}; the safe answer is given`);
    }
    seen.set(id, { error, count: (entry?.count ?? 0) + more });
  };

  return {
    list: () =>
      [...seen.values()].map(({ error: { flag, code, detail }, count }) => ({ flag, code, count, detail })),
    tell: (error) => add(error, 0),
    count: (error) => add(error, 1),
  };
}
