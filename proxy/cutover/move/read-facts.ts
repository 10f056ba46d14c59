import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { bothSides } from '../plan.ts';
import type { BothFacts, BucketFact } from './facts.types.ts';
import { standing, type Standing } from './standing.ts';

export type SidePools = Readonly<Record<Side, Pool>>;

/** One bucket as both databases tell it, at one moment. */
export interface BucketStanding {
  readonly bucket: number;
  readonly facts: BothFacts;
  readonly stands: Standing;
}

interface Row {
  readonly bucket: number;
  readonly state: BucketFact['state'];
  readonly epoch: string;
  readonly fenced_at: string;
  readonly drained: string;
}

export type GroupFacts = ReadonlyMap<number, BucketFact>;

/** @param buckets default: all of the group */
export async function readSide(pool: Pool, group: string, buckets?: readonly number[]): Promise<GroupFacts> {
  const { rows } = await pool.query<Row>(
    `select b.bucket, b.state, b.epoch, b.fenced_at, b.drained from banyan.buckets b join banyan.groups g using (group_id)
     where g.name = $1 and ($2::smallint[] is null or b.bucket = any($2)) order by b.bucket`,
    [group, buckets ?? null],
  );
  return new Map(
    rows.map(({ bucket, state, epoch, fenced_at, drained }) => [
      bucket,
      { state, epoch: Number(epoch), fencedAt: Number(fenced_at), drained: Number(drained) },
    ]),
  );
}

/**
 * Two databases are not read at one moment, and a bucket that moves in between looks split or makes no sense. So what looks
 * so is read again on the side that was read first: its row only ever changes with a higher epoch, so if it is still the
 * same, it was so when the other one was read, and the two were true together.
 * @throws where a side can't be read
 */
export async function readStandings(
  pools: SidePools,
  group: string,
  buckets?: readonly number[],
): Promise<BucketStanding[]> {
  let [monolith, service] = await Promise.all(bothSides.map((side) => readSide(pools[side], group, buckets)));
  for (let tries = 0; tries < rereads; tries += 1) {
    const found = standingsOf(monolith ?? new Map(), service ?? new Map());
    const odd = found.filter(({ stands }) => stands.kind === 'split' || stands.kind === 'unknown');
    if (odd.length === 0) return found;
    const before = monolith ?? new Map();
    service = await readSide(pools.service, group, buckets);
    monolith = await readSide(pools.monolith, group, buckets);
    const [kept, now] = [before, monolith];
    if (odd.every(({ bucket }) => same(kept.get(bucket), now.get(bucket))))
      return standingsOf(monolith, service);
  }
  // It moves too fast to be looked at; nobody is told of a split that may be none.
  return standingsOf(monolith ?? new Map(), service ?? new Map()).filter(
    ({ stands }) => stands.kind !== 'split' && stands.kind !== 'unknown',
  );
}

const rereads = 5;

function standingsOf(monolith: GroupFacts, service: GroupFacts): BucketStanding[] {
  return [...monolith].flatMap(([bucket, here]) => {
    const there = service.get(bucket);
    if (there === undefined) return [];
    const facts = { monolith: here, service: there };
    return [{ bucket, facts, stands: standing(facts) }];
  });
}

function same(one: BucketFact | undefined, other: BucketFact | undefined): boolean {
  return one?.state === other?.state && one?.epoch === other?.epoch && one?.drained === other?.drained;
}
