import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { followerHas } from '#proxy/cutover/acknowledge/follower-has.ts';
import { openSide } from '#proxy/cutover/database.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import type { DegradedReason } from '#proxy/route/acknowledge/acknowledge.types.ts';
import type { MoverPhase } from './mover-status.ts';
import { oneAfterTheOther } from './one-after-the-other.ts';

/** Says when both sides have what one of them has committed. */
export interface Acknowledger {
  /**
   * @param ask.on the side whose commits count: all until now
   * @param ask.withinMs milliseconds
   * @returns `undefined` once the other side has them
   */
  ask(ask: { readonly on: Side; readonly withinMs: number }): Promise<DegradedReason | undefined>;
  stop(): Promise<void>;
}

export interface AcknowledgerOptions {
  readonly plan: CutoverPlan;
  /** The streams that run in this process, and where its mover is. */
  readonly copy: () => { readonly streams: readonly Stream[]; readonly phase: MoverPhase };
}

/**
 * Takes a snapshot of the side that was written to, after the question came, so that it sees the write; then waits until
 * the stream has passed it. No clock is compared. Where another mover carries the stream, the follower's books are looked at.
 */
export function acknowledger({ plan, copy }: AcknowledgerOptions): Acknowledger {
  const pools = { monolith: poolOf(plan, 'monolith'), service: poolOf(plan, 'service') };
  /** One question of the database serves all who came while the one before it was on its way. */
  const snapshots = {
    monolith: oneAfterTheOther(() => snapshotOf(pools.monolith)),
    service: oneAfterTheOther(() => snapshotOf(pools.service)),
  };

  return {
    async ask({ on, withinMs }) {
      const until = performance.now() + withinMs;
      const { streams, phase } = copy();
      const stream = streams.find(({ from }) => from === on);
      if (stream === undefined && phase !== 'standby') return 'no-copy';
      try {
        const snapshot = await snapshots[on]();
        const left = until - performance.now();
        return stream === undefined
          ? await followerHas({ follower: pools[otherSide(on)], plan, snapshot, withinMs: left })
          : await stream.acknowledged(snapshot, left);
      } catch {
        return 'unreachable';
      }
    },
    async stop() {
      await Promise.all([pools.monolith.end(), pools.service.end()]);
    },
  };
}

function poolOf(plan: CutoverPlan, side: Side): Pool {
  return openSide(plan, side, { part: 'acknowledge', max: 2, statementTimeoutMs: 5_000 });
}

async function snapshotOf(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  return rows[0]?.snapshot ?? '';
}
