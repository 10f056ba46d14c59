import type { Config } from '#proxy/config/schema.ts';

/** How much a copy may take; times in milliseconds, sizes in bytes. */
export interface MoverLimits {
  readonly outboxBytes: number;
  readonly outboxAgeMs: number;
  readonly verifyWithinMs: number;
  /** Connections that copy or compare at once, on each side. */
  readonly workers: number;
  /** Rows of one chunk of a backfill at most. Default: 20,000. */
  readonly chunkRows?: number;
  /** Between two rounds in which old versions are let go. Default: 600,000. */
  readonly trimMs?: number;
}

type Data = NonNullable<Config['migrations'][string]['data']>;

export function moverLimits({ limits }: Data): MoverLimits {
  return {
    outboxBytes: limits.outboxSize,
    outboxAgeMs: limits.outboxAge,
    verifyWithinMs: limits.verifyWithin,
    workers: limits.workers,
  };
}
