import { otherSide } from '#proxy/cutover/plan.ts';
import { openPools } from '#proxy/cutover/move/move.ts';
import { readStandings, type BucketStanding } from '#proxy/cutover/move/read-facts.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import type { CopiedThrough, OwnerFact, OwnershipNews } from '#proxy/route/ownership.types.ts';
import type { MoverStatus } from './mover-status.ts';
import { pause } from './pause.ts';

/** Reads where every bucket of a group stands. @throws where a side can't be read, or has nothing of Banyan's */
export interface StandingsReader {
  read(group: string): Promise<readonly BucketStanding[]>;
  close(): Promise<void>;
}

export interface OwnershipWatchOptions {
  readonly plan: CutoverPlan;
  readonly status: () => Pick<MoverStatus, 'streams' | 'moves' | 'complete'>;
  readonly tell: (news: OwnershipNews) => void;
  /** Default: of both databases, by connections of its own, so that a move never waits for a look. */
  readonly reader?: StandingsReader;
  readonly times?: Partial<typeof usualTimes>;
}

/** Milliseconds. */
export const usualTimes = {
  /** Between two looks at the databases; a move that our own mover begins or ends is looked at within `tellMs`. */
  restMs: 500,
  /** The same while a bucket changes hands. */
  movingMs: 50,
  /** How often it is told how far the copies are, and what is new of owners. */
  tellMs: 50,
  /** How often all is told, new or not: a proxy may have been started since. */
  allMs: 1_000,
};

/**
 * Tells the proxies who owns what, how far the copies are and whether the migration is complete, until it is stopped. What can't be read is left out, and
 * read again: proxies find owners by themselves, and the gate decides.
 */
export function watchOwnership(options: OwnershipWatchOptions): { stop(): Promise<void> } {
  const { plan, status, tell } = options;
  const reader = options.reader ?? readerOf(plan);
  const times = { ...usualTimes, ...options.times };
  const stopping = new AbortController();
  const { signal } = stopping;
  const groups = plan.groups.map(({ name, buckets }) => ({
    migration: plan.migration,
    group: name,
    buckets,
  }));
  let owners: readonly OwnerFact[] = [];
  let told = new Map<string, OwnerFact>();
  let toldAllAt = -Infinity;
  let seenMove = '';
  let toldComplete: boolean | undefined;
  let wake = new AbortController();

  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      // Nothing changes hands any more, and the old side may be gone one day.
      if (status().complete === true) {
        await pause(times.allMs, signal);
        continue;
      }
      const found = await Promise.all(plan.groups.map(({ name }) => reader.read(name).catch(() => [])));
      owners = found.flatMap((standings, at) =>
        ownerFacts({ migration: plan.migration, group: plan.groups[at]?.name ?? '', standings }),
      );
      const isMoving = status().moves?.state === 'moving' || owners.some(({ owner }) => owner === undefined);
      wake = new AbortController();
      await pause(isMoving ? times.movingMs : times.restMs, AbortSignal.any([signal, wake.signal]));
    }
  };
  const say = (): void => {
    // Before the lags are asked for: they are counted back from a later moment then, so the copies are told no further.
    const sentAt = Date.now();
    const { streams, moves, complete } = status();
    const move = `${moves?.state} ${moves?.last?.at}`;
    if (move !== seenMove) wake.abort();
    seenMove = move;
    const copied = copiedThrough(plan.migration, streams, sentAt);
    const now = performance.now();
    const isAll = now - toldAllAt >= times.allMs;
    if (isAll) [toldAllAt, told] = [now, new Map()];
    const fresh = owners.filter((fact) => !same(told.get(placeOf(fact)), fact));
    for (const fact of fresh) told.set(placeOf(fact), fact);
    const isNews = complete !== undefined && (isAll || complete !== toldComplete);
    if (!isAll && fresh.length === 0 && copied.length === 0 && !isNews) return;
    toldComplete = complete;
    tell({
      source: 'control',
      sentAt,
      groups,
      ...(fresh.length === 0 ? {} : { owners: fresh }),
      ...(copied.length === 0 ? {} : { copied }),
      ...(isNews ? { completions: [{ migration: plan.migration, complete }] } : {}),
    });
  };
  const looking = look();
  const saying = setInterval(say, times.tellMs);
  return {
    async stop() {
      clearInterval(saying);
      stopping.abort();
      await looking;
      await reader.close();
    },
  };
}

/** What proxies may be told: who owns a bucket, or that nobody does until a move ends. A contradiction is no fact. */
export function ownerFacts(found: {
  readonly migration: string;
  readonly group: string;
  readonly standings: readonly BucketStanding[];
}): OwnerFact[] {
  const { migration, group, standings } = found;
  return standings.flatMap(({ bucket, stands }): OwnerFact[] => {
    const place = { migration, group, bucket };
    if (stands.kind === 'at-rest')
      return [{ ...place, owner: stands.owner, from: undefined, epoch: stands.epoch }];
    if (stands.kind === 'undecided' || stands.kind === 'aborted')
      // The epoch of the fence, which is above that of the last owner.
      return [{ ...place, owner: undefined, from: stands.from, epoch: stands.epoch + 1 }];
    return [];
  });
}

/**
 * How far each side's copy is, where that is known: a change that is parked is not there, however late it is.
 * @param now milliseconds since 1970, by the clock that the lags were measured with
 */
export function copiedThrough(
  migration: string,
  streams: readonly Pick<MoverStatus['streams'][number], 'from' | 'lagMs' | 'parked'>[],
  now: number,
): CopiedThrough[] {
  return streams.flatMap(({ from, lagMs, parked }) =>
    lagMs === undefined || parked > 0
      ? []
      : [{ migration, to: otherSide(from), through: Math.floor(now - lagMs) }],
  );
}

function readerOf(plan: CutoverPlan): StandingsReader {
  const pools = openPools(plan, Math.max(plan.groups.length, 1));
  return {
    read: (group) => readStandings(pools, group),
    close: () => closePools(pools),
  };
}

function placeOf({ group, bucket }: OwnerFact): string {
  return `${group} ${bucket}`;
}

function same(one: OwnerFact | undefined, other: OwnerFact): boolean {
  return one?.owner === other.owner && one?.epoch === other.epoch && one?.from === other.from;
}
