import type { Side } from '#flags/stages.ts';
import type { LatencySummary } from '#shared/telemetry/latency-histogram.ts';

// The ack mode `both`: the answer to a write waits until the other side has what it wrote. What travels between the proxy
// that holds the answer and the mover that knows how far the copy is.

/**
 * Why a write was answered without the other side. `late`: the bound was past first. `breaker-open`: so many were late in a
 * row that nobody waits for now. `no-mover`: this process tree has none, or it just died. `no-copy`: the mover carries
 * nothing from that side now. `parked`: a change could not be applied on the other side. `unreachable`: the side that
 * answered could not be asked. `crowded`: too much is held already. `draining`: the proxy ends.
 */
export const degradedReasons = [
  'late',
  'breaker-open',
  'no-mover',
  'no-copy',
  'parked',
  'unreachable',
  'crowded',
  'draining',
] as const;
export type DegradedReason = (typeof degradedReasons)[number];

/** Does the other side have all that was committed on this side when the question was asked? */
export interface AcknowledgeQuestion {
  /** Of the one who asks; comes back with the answer. */
  readonly id: number;
  readonly migration: string;
  /** The side that took the writes. */
  readonly on: Side;
  /** Milliseconds after which nobody waits for the answer. */
  readonly withinMs: number;
}

export interface AcknowledgeAnswer {
  readonly id: number;
  /** `undefined`: both have it. */
  readonly degraded?: DegradedReason | undefined;
}

/** What one process did for one migration, since its start. */
export interface AcknowledgeStatus {
  readonly withinMs: number;
  /** `open`: writes are answered at once, without the other side; one now and then finds out whether it keeps up again. */
  readonly breaker: 'closed' | 'open';
  /** Answers that are held now. */
  readonly waiting: number;
  /** Writes that were answered when both sides had them, and how long they were held. */
  readonly both: number;
  readonly heldMs: LatencySummary;
  /** Writes that were answered without, by reason. */
  readonly degraded: Readonly<Partial<Record<DegradedReason, number>>>;
  /** Writes whose client left while they were held. */
  readonly left: number;
}
