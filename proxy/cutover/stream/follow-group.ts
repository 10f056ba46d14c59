import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { GroupPlan } from '../plan.types.ts';
import type { Position } from './change.types.ts';
import { failureOf, streamFailure, type StreamFailure, type StreamFailureCode } from './failures.ts';
import { createMeter, type Meter } from './lag.ts';
import { readOutbox, overLimit, type OutboxLimits, type OutboxReading } from './outbox-watch.ts';
import { createPace } from './pace.ts';
import type { PageLimits } from './read-page.ts';
import { openRelay, type Relay } from './relay.ts';
import { sourceGroup } from './source-group.ts';
import type { Transport } from './transport.types.ts';
import { createWaiters, type Waiters } from './waiters.ts';

/** Times in milliseconds. */
export const usualTimes = {
  /** After a failure; doubled each time. */
  firstBackoff: 100,
  longestBackoff: 10_000,
  /** Another process leads: ask again. */
  nextLead: 1_000,
  /** A position that moved without changes is kept this often. */
  keepIdle: 250,
  watchOutbox: 2_000,
} as const;

/** What no waiting mends. */
const forGood: readonly StreamFailureCode[] = [
  'over-limit',
  'parts-moved',
  'source-went-back',
  'capture-gap',
];

export interface FollowOptions {
  readonly source: Pool;
  readonly group: GroupPlan;
  readonly from: Side;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly pageLimits: PageLimits;
  readonly outboxLimits: OutboxLimits;
  readonly times?: Partial<Record<keyof typeof usualTimes, number>>;
  /** Opened anew after each failure. @throws StreamFailure */
  readonly openTransport: () => Promise<Transport>;
  /** What is done beside the changes, every few seconds: parked ones that are due, the turn of the outbox's parts. */
  readonly chores: () => Promise<Chores>;
}

/** What the chores found. */
export interface Chores {
  /** Changes of the group that wait now; counted up to 100,000. */
  readonly parked: number;
  /** A backfill of one of the group's datasets is open. */
  readonly copying: boolean;
}

/** `standby`: another process carries this group. `stopped`: for good, see `failure`. */
export type FollowState = 'starting' | 'following' | 'standby' | 'failing' | 'stopped';

export interface Following {
  readonly group: string;
  readonly state: () => FollowState;
  readonly failure: () => StreamFailure | undefined;
  readonly position: () => Position | undefined;
  readonly outbox: () => OutboxReading;
  readonly meter: Meter;
  readonly waiters: Waiters;
  /** Settles when the signal is given or the copy is stopped for good; never fails. */
  readonly ended: Promise<void>;
}

/** Follows one group until the signal; begins again after whatever fails, at the position that was kept. */
export function followGroup(options: FollowOptions): Following {
  const { group, log, signal } = options;
  const times = { ...usualTimes, ...options.times };
  const sleeper = createSleeper(signal);
  const meter = createMeter();
  const waiters = createWaiters(sleeper.wake);
  let state: FollowState = 'starting';
  let failure: StreamFailure | undefined;
  let position: Position | undefined;
  let outbox: OutboxReading = { bytes: 0, pendingRows: 0 };
  let backoff: number = times.firstBackoff;

  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await followOnce();
      } catch (cause) {
        if (signal.aborted) break;
        if (!(await wentWrong(failureOf('source', cause)))) break;
      }
    }
    waiters.end();
  };

  /** @returns whether to begin again */
  async function wentWrong(caught: StreamFailure): Promise<boolean> {
    if (caught.code === 'superseded') {
      state = 'standby';
      await sleeper.sleep(times.nextLead);
      return true;
    }
    const told = failure?.code === caught.code;
    failure = caught;
    if (forGood.includes(caught.code)) {
      state = 'stopped';
      log.error({ err: caught, group: group.name }, 'the copy is stopped');
      return false;
    }
    state = 'failing';
    if (!told) log.warn({ err: caught, group: group.name }, 'the copy is held up');
    await sleeper.sleep(backoff);
    backoff = Math.min(times.longestBackoff, backoff * 2);
    return true;
  }

  async function followOnce(): Promise<void> {
    const transport = await onTarget(options.openTransport());
    let relay: Relay | undefined;
    try {
      const source = await sourceGroup({ pool: options.source, group, from: options.from });
      relay = await openRelay({ pool: options.source, source, limits: options.pageLimits });
      position = await onTarget(transport.position(source.generation, source.start));
      await stayReadable(position);
      await followFrom(position, relay, transport, source.groupId);
    } finally {
      await relay?.close();
      await transport.close();
    }
  }

  /** Nothing after the position may leave the outbox from now on, nor have left it: the target may be a restored one. */
  async function stayReadable({ snapshot }: Position): Promise<void> {
    const { rows } = await options.source.query<{ readable: boolean | null }>(
      'select banyan.read_from($1, $2) as readable',
      [group.name, snapshot],
    );
    if (rows[0]?.readable !== true) throw streamFailure('capture-gap');
  }

  async function followFrom(start: Position, relay: Relay, transport: Transport, groupId: number) {
    const pace = createPace();
    let at = start;
    let keptAt = Date.now();
    let kept = start.snapshot;
    let watchAt = 0;
    while (!signal.aborted) {
      const page = await relay.read(at);
      const count = page.changes.length + page.unmapped.length + page.markers.length;
      if (count > 0 || page.next.window !== undefined || at.window !== undefined) {
        meter.carried(page, await onTarget(transport.carry(page)));
        keptAt = Date.now();
        kept = page.next.snapshot;
      } else if (Date.now() - keptAt >= times.keepIdle && page.next.snapshot !== kept) {
        await onTarget(transport.keep(page.next));
        keptAt = Date.now();
        kept = page.next.snapshot;
      }
      at = page.next;
      position = at;
      if (Date.now() >= watchAt) {
        await watch(groupId, at);
        watchAt = Date.now() + times.watchOutbox;
      }
      // After the first watch, so that who is told that it arrived is told of what is parked as well.
      if (at.window === undefined) {
        meter.currentUpTo(at.takenAt);
        waiters.moved(at.snapshot);
      }
      worksAgain();
      // Who came while the page was read waits for a look that began later; one is always enough.
      if (at.window === undefined)
        await sleeper.sleep(Math.min(pace.next(count), waiters.count > 0 ? 1 : 50));
    }
  }

  function worksAgain(): void {
    if (failure !== undefined) log.info({ group: group.name }, 'the copy goes on');
    failure = undefined;
    backoff = times.firstBackoff;
    state = 'following';
  }

  async function watch(groupId: number, { snapshot, window }: Position): Promise<void> {
    const { rows } = await options.source.query<{ why: string | null }>(
      'select banyan.stop_where_parts_moved($1) as why',
      [group.name],
    );
    const why = rows[0]?.why ?? undefined;
    if (why !== undefined) throw streamFailure('parts-moved', why);
    const place = { snapshot, lastSeq: window?.lastSeq ?? '0' };
    outbox = await readOutbox({ pool: options.source, groupId, position: place });
    const over = overLimit(outbox, meter.reading().lagMs, options.outboxLimits);
    if (over !== undefined) {
      await options.source.query('select banyan.stop_capture($1, $2)', [group.name, over]);
      throw streamFailure('over-limit', over);
    }
    const { parked, copying } = await onTarget(options.chores());
    meter.parkedNow(parked);
    meter.copyingNow(copying);
  }

  return {
    group: group.name,
    state: () => state,
    failure: () => failure,
    position: () => position,
    outbox: () => outbox,
    meter,
    waiters,
    ended: follow(),
  };
}

async function onTarget<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    throw failureOf('target', cause);
  }
}

/** A sleep that ends early when it is woken or the signal is given. */
function createSleeper(signal: AbortSignal) {
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    wake: () => wake(),
    async sleep(ms: number): Promise<void> {
      if (signal.aborted || ms <= 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      wake = resolve;
      await promise;
      clearTimeout(timer);
    },
  };
}
