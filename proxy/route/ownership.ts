import type { Side } from '#flags/stages.ts';
import type { RoutingKey } from '#flags/definitions.ts';
import type { HandoverOf, HandoverEnd } from '#proxy/http/handover.types.ts';
import type { HeaderLines, RequestHead } from '#proxy/http/seam.ts';
import { createControlClock } from './control-clock.ts';
import { createCopyWaits, type CopyWait } from './copy-waits.ts';
import { handoverOf, type HandoverWorld } from './handover.ts';
import { keyHash } from './key-hash.ts';
import { createKeyMemory } from './key-memory.ts';
import { createOwnWrites } from './own-writes.ts';
import { createOwnerFacts, type Fact, type Place } from './owner-facts.ts';
import { newsBatch } from './ownership-news.ts';
import type { OwnershipNews, OwnershipStatus, WrittenKey } from './ownership.types.ts';
import { createNewsDesk } from './news-desk.ts';
import type { Route, RouteTable } from './table.ts';
import { versionTokens } from './version-token.ts';

/** Whose key, in which route. */
export type Subject = Pick<Route, 'migration' | 'name' | 'keySpace'>;

/** What one process knows of owners and of its callers' own writes. */
export interface Ownership {
  learn(news: OwnershipNews): void;
  /** Who owns what this request writes; `undefined` while nobody said. */
  factOf(route: Subject, key: RoutingKey | undefined): Fact | undefined;
  readonly handover: HandoverOf;
  /** A write may have taken effect on that side. Returns what its answer carries. */
  wrote(write: Asked & { readonly on: Side }): HeaderLines;
  /** Whether anything was ever said of the migration's owners. */
  knows(migration: string): boolean;
  /** Whether the way back was given up, as control told last. */
  isComplete(migration: string): boolean;
  /** When this caller last wrote what the copy on that side is not known to have; 0 where it has all of it. */
  missing(ask: CopyQuestion): number;
  /** Counts a read that goes to the owner for that. */
  readOwnWrite(): void;
  /** Resolves with the side whose copy is the first to have what is waited for; `undefined` once `withinMs` is past. */
  waitCopied(wait: CopyWait): Promise<Side | undefined>;
  status(): OwnershipStatus;
}

export interface Asked {
  readonly head: RequestHead;
  readonly route: Subject;
  readonly key: RoutingKey | undefined;
}

export interface CopyQuestion extends Asked {
  /** The side that would answer. */
  readonly on: Side;
  /** Any caller's write counts, where the request has no key to tell them apart. */
  readonly ofAnybody?: boolean;
}

export interface OwnershipOptions {
  readonly table: Pick<RouteTable, 'match'>;
  readonly migrations: readonly string[];
  /** Milliseconds after which a write counts as copied while nobody says how far the copy is. */
  readonly lagMs: number;
  /** Signs what callers carry; without it only this process's memory, and soon that of its fellow workers, knows of writes. */
  readonly versionSecret?: string | undefined;
  /** Keys that are remembered, of either kind. */
  readonly maxKeys: number;
  /** Tells the other workers. */
  readonly onNews?: ((news: OwnershipNews) => void) | undefined;
  /** Milliseconds since 1970; counts until control is heard, whose clock counts then. */
  readonly now?: () => number;
}

/** Control speaks once a second. */
const controlSilenceMs = 3_000;

export function createOwnership(options: OwnershipOptions): Ownership {
  const { table, migrations, lagMs, maxKeys } = options;
  const clock = createControlClock(options.now ?? Date.now);
  const now = (): number => clock.now();
  const facts = createOwnerFacts();
  const writes = createOwnWrites({ maxKeys, lagMs });
  const buckets = createKeyMemory(maxKeys);
  const desk = createNewsDesk();
  const waits = createCopyWaits({ writes, lagMs, now });
  const news = newsBatch(options.onNews);
  const tokens = options.versionSecret === undefined ? undefined : versionTokens(options.versionSecret);
  const completed = new Set<string>();
  /** By migration and route: the group that a refusal named last. */
  const groups = new Map<string, string>();
  const counts = {
    redirected: 0,
    held: 0,
    heldMs: 0,
    unanswered: 0,
    ownWriteReads: 0,
    waited: 0,
    stale: 0,
  };
  let controlHeardAt = -Infinity;

  const groupOf = ({ migration, name }: Subject): string | undefined =>
    groups.get(`${migration} ${name}`) ?? facts.onlyGroup(migration);
  const bucketHash = (route: Subject, group: string, key: RoutingKey): number =>
    keyHash(`${route.migration}\0${group}\0${route.keySpace}\0${key}`);
  const writeHash = ({ migration, keySpace }: Subject, on: Side, key: RoutingKey): number =>
    keyHash(`${migration}\0${on}\0${keySpace}\0${key}`);

  /** Hashes only where there is something to find. */
  function lastOfKey(place: { migration: string; on: Side }, route: Subject, key: RoutingKey): number {
    if (writes.lastOf(place, undefined) === 0) return 0;
    return writes.lastOf(place, writeHash(route, place.on, key));
  }

  function placeOf(route: Subject, key: RoutingKey | undefined): Place | undefined {
    const group = groupOf(route);
    if (group === undefined) return undefined;
    const { migration } = route;
    if (facts.ofWhole(migration, group) !== undefined) return { migration, group, bucket: 0 };
    const bucket = key === undefined ? undefined : buckets.get(bucketHash(route, group, key));
    return bucket === undefined ? undefined : { migration, group, bucket };
  }

  function factOf(route: Subject, key: RoutingKey | undefined): Fact | undefined {
    if (facts.knowsNothing(route.migration)) return undefined;
    const place = placeOf(route, key);
    if (place === undefined) return undefined;
    return facts.ofWhole(place.migration, place.group) ?? facts.of(place);
  }

  const world: HandoverWorld = {
    facts,
    learned(fact) {
      news.owner(fact);
      if (fact.owner !== undefined) desk.tell(fact);
    },
    tell: (place) => desk.tell(place),
    mayScout: (place) => desk.mayScout(place),
    onNews: (place, listener) => desk.listen(place, listener),
    hearsControl: () => performance.now() - controlHeardAt < controlSilenceMs,
    ended({ status, heldMs, detours }: HandoverEnd) {
      if (detours > 0) counts.redirected += 1;
      if (heldMs > 0) counts.held += 1;
      counts.heldMs += heldMs;
      if (status === 0) counts.unanswered += 1;
    },
  };

  const handover: HandoverOf = (head) => {
    const found = table.match(head.method, head.path);
    if (found === undefined) throw new Error('a request without a route has no other side');
    const { route } = found;
    const key = route.key(head, found.parameters);
    return handoverOf(world, {
      route,
      place: placeOf(route, key),
      foundAt({ migration, group, bucket }) {
        groups.set(`${migration} ${route.name}`, group);
        if (key === undefined) return;
        const hash = bucketHash(route, group, key);
        if (buckets.get(hash) === bucket) return;
        buckets.set(hash, bucket);
        news.bucket([hash, bucket]);
      },
    });
  };

  return {
    factOf,
    handover,
    learn(told) {
      if (told.source === 'control') controlHeardAt = performance.now();
      if (told.sentAt !== undefined && clock.heard(told.sentAt)) writes.forgetCopied();
      for (const shape of told.groups ?? []) facts.shape(shape);
      for (const fact of told.owners ?? []) {
        if (facts.learn(fact) && fact.owner !== undefined) desk.tell(fact);
      }
      for (const [hash, bucket] of told.buckets ?? []) buckets.set(hash, bucket);
      for (const written of told.writes ?? []) writes.mark(written);
      for (const copied of told.copied ?? []) writes.copied(copied);
      if (told.copied !== undefined) waits.look();
      for (const { migration, complete } of told.completions ?? []) {
        if (complete) completed.add(migration);
        else completed.delete(migration);
      }
    },
    wrote({ head, route, key, on }) {
      const at = now();
      const { migration } = route;
      const written: WrittenKey = [migration, on, key === undefined ? 0 : writeHash(route, on, key), at];
      writes.mark(written);
      news.write(written);
      const secure = head.trusted && head.header('x-forwarded-proto') === 'https';
      return tokens?.headers({ write: { migration, on, at }, head, secure }) ?? [];
    },
    knows: (migration) => !facts.knowsNothing(migration),
    isComplete: (migration) => completed.has(migration),
    missing({ head, route, key, on, ofAnybody = false }) {
      if (tokens === undefined && writes.none) return 0;
      const { migration } = route;
      // Nothing is copied any more: nobody waits for it, and nobody is sent to the side that was left.
      if (completed.has(migration)) return 0;
      const place = { migration, on: other(on) };
      const moment = now();
      // Another clock that is ahead may have signed it: no write is later than now.
      let at = Math.min(moment, tokens?.read(head, place) ?? 0);
      if (key !== undefined) at = Math.max(at, lastOfKey(place, route, key));
      else if (ofAnybody) at = Math.max(at, writes.lastOf(place, undefined));
      return at === 0 || writes.isCopied({ migration, to: on, at }, moment) ? 0 : at;
    },
    readOwnWrite() {
      counts.ownWriteReads += 1;
    },
    async waitCopied(wait) {
      counts.waited += 1;
      const came = await waits.wait(wait);
      if (came === undefined) counts.stale += 1;
      return came;
    },
    status: () => ({
      migrations: Object.fromEntries(
        migrations.map((name) => [
          name,
          {
            groups: facts.summary(name),
            copiedThrough: writes.copiedThrough(name),
            complete: completed.has(name),
          },
        ]),
      ),
      counts: { ...counts, heldMs: Math.round(counts.heldMs) },
      keys: { buckets: buckets.size, writes: writes.size },
      ...(controlHeardAt === -Infinity
        ? {}
        : { controlSilentMs: Math.round(performance.now() - controlHeardAt) }),
    }),
  };
}

function other(side: Side): Side {
  return side === 'monolith' ? 'service' : 'monolith';
}
