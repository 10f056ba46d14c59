import type { MoverStatus } from './mover-status.ts';

/** The mover to the parent of `banyan run`, about once a second. */
export interface MoverReport {
  readonly banyan: 'mover';
  readonly movers: readonly MoverStatus[];
}

export function isMoverReport(message: unknown): message is MoverReport {
  return typeof message === 'object' && message !== null && 'banyan' in message && message.banyan === 'mover';
}
