import type { ClientBase } from 'pg';
import type { Position } from './change.types.ts';
import { streamFailure } from './failures.ts';
import { beforeAll } from './snapshot.ts';

interface PositionRow {
  readonly snapshot: string;
  readonly window_to: string | null;
  readonly last_seq: string;
  readonly taken_ms: string;
  readonly generation: number | null;
}

/** Where a group stands in this side's database; a group that never stood anywhere begins with the outbox. */
export async function readPosition(client: ClientBase, group: string, generation: number): Promise<Position> {
  await client.query(
    `insert into banyan.positions (group_name, snapshot, generation) values ($1, $2, $3) on conflict do nothing`,
    [group, beforeAll, generation],
  );
  const { rows } = await client.query<PositionRow>(
    `select snapshot, window_to, last_seq, (extract(epoch from taken_at) * 1000)::bigint as taken_ms, generation
     from banyan.positions where group_name = $1`,
    [group],
  );
  const row = rows[0];
  if (row === undefined) throw streamFailure('superseded');
  if (row.generation !== null && row.generation !== generation) throw streamFailure('capture-gap');
  return {
    snapshot: row.snapshot,
    window: row.window_to === null ? undefined : { to: row.window_to, lastSeq: row.last_seq },
    takenAt: Number(row.taken_ms),
  };
}

/**
 * Moves a position that still is where it was left.
 * @throws StreamFailure `superseded` where another process has moved it
 */
export async function movePosition(
  client: ClientBase,
  move: { readonly group: string; readonly from: Position | undefined; readonly to: Position },
): Promise<void> {
  const { group, from, to } = move;
  const { rowCount } = await client.query(
    `update banyan.positions set snapshot = $2, window_to = $3, last_seq = $4, moved_at = clock_timestamp(),
       taken_at = to_timestamp($5::float8 / 1000)
     where group_name = $1 and snapshot::text = $6 and window_to::text is not distinct from $7 and last_seq = $8`,
    [
      group,
      to.snapshot,
      to.window?.to ?? null,
      to.window?.lastSeq ?? '0',
      to.takenAt,
      from?.snapshot ?? null,
      from?.window?.to ?? null,
      from?.window?.lastSeq ?? '0',
    ],
  );
  if (rowCount !== 1) throw streamFailure('superseded');
}
