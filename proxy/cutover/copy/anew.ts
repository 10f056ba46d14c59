import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';

interface Capture {
  readonly name: string;
  readonly capture_generation: number;
  readonly gone_to: string;
  readonly capture_from: string;
}

/**
 * Begins the copy of those groups anew whose capture on `from` is not the one that the other side's position belongs to: it
 * was stopped for a while, or installed again. Does nothing for the others, and for a group that has no position yet.
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
    const { rows: positions } = await target.query<{ group_name: string; generation: number | null }>(
      'select group_name, generation from banyan.positions where group_name = any($1::text[])',
      [names],
    );
    const generationOf = new Map(positions.map(({ group_name, generation }) => [group_name, generation]));
    const others = captures.filter(({ name, capture_generation }) => {
      const generation = generationOf.get(name);
      return typeof generation === 'number' && generation !== capture_generation;
    });
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
