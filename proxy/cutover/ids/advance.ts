import { escapeIdentifier, type Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { SidePools } from '../move/read-facts.ts';
import { mappingFrom, otherSide } from '../plan.ts';
import type { DatasetPlan, GroupPlan } from '../plan.types.ts';
import { idStep, isOfSide, sequencesOf } from './sequences.ts';

/** So far a sequence is taken by drawing, which can't meet another session's draw; a longer way is set. */
const drawnAtMost = 200_000n;

/**
 * Takes the sequences of the side that is to own beyond every id that the other side has drawn, before it opens. Ids drawn
 * later are apart, since the two sides draw every second one; this is for those from before that.
 */
export async function advanceIds({
  pools,
  group,
  to,
}: {
  readonly pools: SidePools;
  readonly group: GroupPlan;
  readonly to: Side;
}): Promise<void> {
  const from = otherSide(to);
  for (const dataset of group.datasets) {
    const there = await sequencesOf(pools[from], dataset, from);
    for (const { schema, name, column } of await sequencesOf(pools[to], dataset, to)) {
      const source = mappingFrom(dataset, from).find((mapped) => mapped.column === column)?.source;
      const twin = there.find((one) => one.column === source);
      const drawn = twin === undefined ? 0n : await lastOf(pools[from], sequenceName(twin));
      const used =
        source === undefined ? 0n : await highest(pools[from], { dataset, side: from, column: source });
      const wanted = (drawn > used ? drawn : used) + BigInt(idStep);
      await advance(pools[to], sequenceName({ schema, name }), isOfSide(wanted, to) ? wanted : wanted + 1n);
    }
  }
}

async function advance(pool: Pool, sequence: string, wanted: bigint): Promise<void> {
  const missing = wanted - (await lastOf(pool, sequence));
  if (missing <= 0n) return;
  if (missing <= drawnAtMost)
    await pool.query('select count(nextval($1::regclass)) from generate_series(1, $2::bigint)', [
      sequence,
      String(missing / BigInt(idStep) + 1n),
    ]);
  else
    await pool.query(
      'select setval($1::regclass, $2::bigint) where coalesce(pg_sequence_last_value($1::regclass), 0) < $2::bigint',
      [sequence, String(wanted)],
    );
}

async function lastOf(pool: Pool, sequence: string): Promise<bigint> {
  const { rows } = await pool.query<{ last: string }>(
    'select coalesce(pg_sequence_last_value($1::regclass), 0)::text as last',
    [sequence],
  );
  return BigInt(rows[0]?.last ?? '0');
}

async function highest(
  pool: Pool,
  { dataset, side, column }: { readonly dataset: DatasetPlan; readonly side: Side; readonly column: string },
): Promise<bigint> {
  const { schema, table } = dataset.tables[side];
  const { rows } = await pool.query<{ last: string }>(
    `select coalesce(max(${escapeIdentifier(column)}), 0)::bigint::text as last
     from ${escapeIdentifier(schema)}.${escapeIdentifier(table)}`,
  );
  return BigInt(rows[0]?.last ?? '0');
}

function sequenceName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
