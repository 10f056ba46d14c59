import { printable } from '#shared/errors/printable.ts';
import type { Logger } from '#shared/telemetry/log.ts';

/**
 * Why a flag could not be asked: `unknown` (there is no such flag), `wrong-type` (its value is not of its kind),
 * `no-value` (it is off and names no value for that), `wrong-rollout` (see `wrongRollouts`), `evaluation` (LaunchDarkly's
 * evaluator answered with an error).
 */
export type FlagErrorCode = 'unknown' | 'wrong-type' | 'no-value' | 'wrong-rollout' | 'evaluation';

export interface FlagErrorCount {
  readonly flag: string;
  readonly code: FlagErrorCode;
  /** Times that it was asked in vain; a kept answer counts once. */
  readonly count: number;
  /** One sentence on the last one, printable. */
  readonly detail: string;
}

export interface FlagErrors {
  readonly list: () => FlagErrorCount[];
  /** Logs the first of its code for each version of a flag. */
  readonly tell: (error: FlagError) => void;
  /** Tells, and counts one more answer that was given in its place. */
  readonly count: (error: FlagError) => void;
}

export interface FlagError {
  readonly flag: string;
  readonly code: FlagErrorCode;
  readonly detail: string;
  /** What is answered in its place, as half a sentence. */
  readonly instead: string;
  /** Of the flag; -1 where there is none. */
  readonly version: number;
}

/** Counts what could not be asked, and keeps the log from filling at the rate of requests. */
export function createFlagErrors(log: Logger): FlagErrors {
  const seen = new Map<string, { error: FlagError; count: number }>();

  const add = (given: FlagError, more: 0 | 1): void => {
    // Data from outside: they must not break the lines in which they are told.
    const error = { ...given, detail: printable(given.detail) };
    const id = `${error.code} ${error.flag}`;
    const entry = seen.get(id);
    if (entry?.error.version !== error.version) {
      log.error({ flag: error.flag, code: error.code }, `${error.detail}; ${error.instead}`);
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
