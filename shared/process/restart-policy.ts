export interface RestartPolicy {
  /** Wait before the first restart; doubled for each further crash in a row. Milliseconds. Default 100. */
  readonly firstDelayMs: number;
  /** The wait never grows beyond this. Milliseconds. Default 5,000. */
  readonly maxDelayMs: number;
  /** A process that has lived this long starts the count of crashes in a row anew. Milliseconds. Default 10,000. */
  readonly steadyAfterMs: number;
  /** After so many crashes in a row it is not started again. Default 20; 0 never restarts. */
  readonly maxInARow: number;
  /** Exit codes that a restart cannot mend. Default `[2]`, the project's code for a wrong configuration. */
  readonly finalExitCodes: readonly number[];
}

export const defaultRestartPolicy = {
  firstDelayMs: 100,
  maxDelayMs: 5_000,
  steadyAfterMs: 10_000,
  maxInARow: 20,
  finalExitCodes: [2],
} as const satisfies RestartPolicy;

/**
 * How long to wait before the next start.
 * @param inARow crashes so far without a steady life between them, from 1
 * @returns milliseconds, or `undefined` when it should not be started again
 */
export function restartDelayMs(policy: RestartPolicy, inARow: number): number | undefined {
  if (inARow > policy.maxInARow) return undefined;
  return Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (inARow - 1));
}
