import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { covers, parseSnapshot } from '../stream/snapshot.ts';

interface Capture {
  readonly name: string;
  readonly capture_generation: number;
  readonly gone_to: string;
  readonly capture_from: string;
}

interface Place {
  readonly group_name: string;
  readonly generation: number | null;
  readonly snapshot: string;
}

/**
 * Begins the copy of those groups anew whose capture on `from` is not the one that the other side's position belongs to: it
 * was stopped for a while, or installed again; or the position is from before what is gone from the outbox, as in a side that
 * was restored. Does nothing for the others, and for a group that has no position yet.
 * @returns names of the groups; their next backfill goes over every row
 * @throws what PostgreSQL says when a bucket stays locked for longer than the lock time-out (5 s)
 */
export async function beginAnew({
  plan,
  from,
}: {
  readonly plan: CutoverPlan;
  readonly from: Side;
}): Promise<string[]> {
  const source = openSide(plan, from, { part: 'capture', max: 1 });
  const target = openSide(plan, otherSide(from), { part: 'capture', max: 1 });
  try {
    const names = plan.groups.map(({ name }) => name);
    const { rows: captures } = await source.query<Capture>(
      'select name, capture_generation, gone_to, capture_from from banyan.groups where name = any($1::text[])',
      [names],
    );
    const { rows: positions } = await target.query<Place>(
      'select group_name, generation, snapshot from banyan.positions where group_name = any($1::text[])',
      [names],
    );
    const places = new Map(positions.map((place) => [place.group_name, place]));
    const others = captures.filter((capture) => hasGap(capture, places.get(capture.name)));
    for (const { name, capture_generation, gone_to, capture_from } of others)
      await target.query('select banyan.begin_anew($1, $2, $3, $4)', [
        name,
        capture_generation,
        gone_to,
        capture_from,
      ]);
    return others.map(({ name }) => name);
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}

function hasGap({ capture_generation, gone_to }: Capture, place: Place | undefined): boolean {
  if (place === undefined) return false;
  const isOther = place.generation !== null && place.generation !== capture_generation;
  return isOther || !covers(parseSnapshot(place.snapshot), parseSnapshot(gone_to));
}
