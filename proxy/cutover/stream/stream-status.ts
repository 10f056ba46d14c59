import type { Side } from '#flags/stages.ts';
import type { LatencySummary } from '#shared/telemetry/latency-histogram.ts';
import type { Position } from './change.types.ts';
import type { StreamFailureCode } from './failures.ts';
import type { Following, FollowState } from './follow-group.ts';

export interface GroupStreamStatus {
  readonly group: string;
  readonly state: FollowState;
  readonly failure: { readonly code: StreamFailureCode; readonly message: string } | undefined;
  /** At most: the target has everything that was visible this long ago. `undefined`: nothing carried yet. */
  readonly lagMs: number | undefined;
  /** From the commit of a change to that of its copy, over the last one to two minutes; upper bounds. */
  readonly lag: LatencySummary;
  /** As of the last look, at most 2 s ago while all is well; counted up to 100,000. */
  readonly pendingRows: number;
  /** Of all groups of this side together. */
  readonly outboxBytes: number;
  /** Since the start of this stream. */
  readonly applied: number;
  readonly stale: number;
  /** Not applied, since the backfill of their dataset was yet to begin and brings them. */
  readonly left: number;
  /** Changes that wait now; as of the last look, at most 2 s ago, and what was parked since. */
  readonly parked: number;
  /** Changes a second. */
  readonly rate: number;
  readonly position: Position | undefined;
}

export interface StreamStatus {
  readonly from: Side;
  /** The largest of its groups'. */
  readonly lagMs: number | undefined;
  readonly pendingRows: number;
  readonly outboxBytes: number;
  readonly applied: number;
  readonly parked: number;
  readonly rate: number;
  /** Snapshot of each group. */
  readonly position: Readonly<Record<string, string>>;
  readonly groups: readonly GroupStreamStatus[];
}

export function groupStatus(following: Following): GroupStreamStatus {
  const failure = following.failure();
  const { bytes, pendingRows } = following.outbox();
  return {
    group: following.group,
    state: following.state(),
    failure: failure === undefined ? undefined : { code: failure.code, message: failure.message },
    pendingRows,
    outboxBytes: bytes,
    ...following.meter.reading(),
    position: following.position(),
  };
}

export function streamStatus(from: Side, groups: readonly GroupStreamStatus[]): StreamStatus {
  const sum = (of: (group: GroupStreamStatus) => number): number =>
    groups.reduce((total, group) => total + of(group), 0);
  const lags = groups.map(({ lagMs }) => lagMs);
  return {
    from,
    lagMs: lags.includes(undefined) ? undefined : Math.max(0, ...lags.map((lag) => lag ?? 0)),
    pendingRows: sum((group) => group.pendingRows),
    outboxBytes: Math.max(0, ...groups.map(({ outboxBytes }) => outboxBytes)),
    applied: sum((group) => group.applied),
    parked: sum((group) => group.parked),
    rate: sum((group) => group.rate),
    position: Object.fromEntries(
      groups.flatMap(({ group, position }) => (position === undefined ? [] : [[group, position.snapshot]])),
    ),
    groups,
  };
}
