import type { Side } from '#flags/stages.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { readBooks, retryDue, rotateOutbox } from './chores.ts';
import { openDirectTransport } from './direct-transport.ts';
import { failureOf } from './failures.ts';
import { followGroup, type Chores, type Following, type usualTimes } from './follow-group.ts';
import { usualOutboxLimits, type OutboxLimits } from './outbox-watch.ts';
import { usualLimits, type PageLimits } from './read-page.ts';
import { groupStatus, streamStatus, type StreamStatus } from './stream-status.ts';
import { targetGroup, type TargetGroup } from './target-group.ts';
import type { Transport } from './transport.types.ts';
import type { Reached } from './waiters.ts';

export interface StreamOptions {
  readonly plan: CutoverPlan;
  /** The side whose changes are carried to the other one. */
  readonly from: Side;
  readonly log: Logger;
  /** Stops the stream, as `stop()` does. */
  readonly signal?: AbortSignal;
  /** Connections that apply at the same time in a group of 256 buckets. Default: 4. */
  readonly lanes?: number;
  readonly page?: Partial<PageLimits>;
  readonly outbox?: Partial<OutboxLimits>;
  readonly times?: Partial<Record<keyof typeof usualTimes, number>>;
}

export interface Stream {
  readonly from: Side;
  status(): StreamStatus;
  /**
   * Resolves when the other side has all that is visible in a snapshot of this one (text of pg_snapshot), or with
   * `degraded` when that takes longer.
   * @param withinMs default 5,000
   */
  reached(
    snapshot: string,
    options?: { readonly group?: string; readonly withinMs?: number },
  ): Promise<Reached>;
  /**
   * Resolves with `undefined` when the other side has all that is visible in a snapshot of this one, and nothing is parked
   * there: what could not be applied is not there, however far the stream is; nor what was left to a backfill.
   * @param withinMs 0: look once
   */
  acknowledged(snapshot: string, withinMs: number): Promise<'late' | 'parked' | 'no-copy' | undefined>;
  /** The same as `reached`, for whoever waits as long as it takes. @throws an Error when the stream ends before */
  drainedUpTo(snapshot: string): Promise<void>;
  /** Finishes the page in hand and closes all connections. */
  stop(): Promise<void>;
}

/** Follows one direction, each group by itself. Both directions may run: an outbox only has what its own side captured. */
export async function startStream(options: StreamOptions): Promise<Stream> {
  const { plan, from, log, lanes = 4 } = options;
  const stopping = new AbortController();
  const signal =
    options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const groups = plan.groups.length;
  const source = openSide(plan, from, { part: `stream from the ${from}`, max: 2 * groups + 1 });
  const to = otherSide(from);
  const target = openSide(plan, to, {
    part: `stream to the ${to}`,
    max: (2 + lanes) * groups + 1,
    byIndexOnly: true,
  });

  const following = plan.groups.map((group): Following => {
    let known: TargetGroup | undefined;
    const openTransport = async (): Promise<Transport> => {
      known = await targetGroup({ pool: target, group, from });
      return openDirectTransport({ pool: target, target: known, lanes });
    };
    const chores = async (): Promise<Chores> => {
      if (known !== undefined) await retryDue(target, known);
      await rotateOutbox({ plan, source, target }).catch((cause: unknown) => {
        log.warn({ err: failureOf('source', cause), from }, 'the outbox can’t take turns');
      });
      return known === undefined ? { parked: 0, copying: true } : readBooks(target, known);
    };
    return followGroup({
      source,
      group,
      from,
      log,
      signal,
      pageLimits: { ...usualLimits, ...options.page },
      outboxLimits: { ...usualOutboxLimits, ...options.outbox },
      ...(options.times === undefined ? {} : { times: options.times }),
      openTransport,
      chores,
    });
  });

  const reached: Stream['reached'] = async (snapshot, { group, withinMs = 5_000 } = {}) => {
    const asked = following.filter((one) => group === undefined || one.group === group);
    const all = await Promise.all(asked.map(({ waiters }) => waiters.wait(snapshot, withinMs)));
    return all.every((one) => one === 'reached') ? 'reached' : 'degraded';
  };

  const hasEnded = (): boolean =>
    signal.aborted || following.some((one) => one.state() === 'stopped' || one.state() === 'standby');
  const acknowledged: Stream['acknowledged'] = async (snapshot, withinMs) => {
    const answer = await reached(snapshot, { withinMs });
    if (following.some(({ meter }) => meter.parked > 0)) return 'parked';
    if (following.some(({ meter }) => meter.hasLeft)) return 'no-copy';
    if (answer === 'reached') return undefined;
    return hasEnded() ? 'no-copy' : 'late';
  };

  const end = async (): Promise<void> => {
    await Promise.all(following.map((one) => one.ended));
    await Promise.all([source.end(), target.end()]);
  };
  const ended = end();
  await Promise.resolve();

  return {
    from,
    status: () => streamStatus(from, following.map(groupStatus)),
    reached,
    acknowledged,
    async drainedUpTo(snapshot) {
      for (;;) {
        if ((await reached(snapshot, { withinMs: 60_000 })) === 'reached') return;
        if (signal.aborted || following.some((one) => one.state() === 'stopped'))
          throw new Error('the stream has ended');
      }
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
