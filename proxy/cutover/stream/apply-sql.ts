import { escapeIdentifier } from 'pg';

/** One column of the table that is written. SQL is over `a`, the mapped values of a row as text[]. */
export interface TargetColumn {
  readonly name: string;
  /** SQL of the value in the column's type. */
  readonly value: string;
  /** SQL of the value as the column holds it, for a key. */
  readonly keyValue: string;
  /** The same as text. */
  readonly keyText: string;
  /** A generated column is not. */
  readonly written: boolean;
  readonly updated: boolean;
}

export interface WrittenTable {
  readonly datasetId: number;
  readonly groupId: number;
  /** Qualified and quoted. */
  readonly table: string;
  readonly columns: readonly TargetColumn[];
  readonly key: readonly TargetColumn[];
}

/**
 * Parameters of both statements: values (text[] as text), epochs, seqs, buckets, one entry for each row. Both return one
 * row with the number of rows that were newer than what this side had. The bucket's lock is held, so its state stands.
 *
 * A version counts iff this side is not owner, has not given the bucket up since, and has no later version of the row; and
 * it is of this copy (number 0: a backfill's row that was parked).
 */
export function putSql(table: WrittenTable): string {
  const written = table.columns.filter((column) => column.written);
  const names = written.map(({ name }) => escapeIdentifier(name)).join(', ');
  const keyNames = table.key.map(({ name }) => escapeIdentifier(name));
  const updates = written
    .filter((column) => column.updated && !table.key.includes(column))
    .map(({ name }) => `${escapeIdentifier(name)} = excluded.${escapeIdentifier(name)}`);
  const conflict = updates.length === 0 ? 'nothing' : `update set ${updates.join(', ')}`;
  return `with ${incoming(table, written)}, ${newer(table.datasetId, table.groupId, false)},
    put as (insert into ${table.table} (${names}) overriding system value
      select ${written.map((_column, at) => `i.c${at}`).join(', ')} from incoming i join newer n on n.key = i.key
      on conflict (${keyNames.join(', ')}) do ${conflict} returning 1)
    select count(*)::int4 as newer from newer`;
}

export function deleteSql(table: WrittenTable): string {
  const same = table.key.map(({ name }, at) => `t.${escapeIdentifier(name)} = i.c${at}`);
  return `with ${incoming(table, table.key)}, ${newer(table.datasetId, table.groupId, true)},
    gone as (delete from ${table.table} t using incoming i, newer n where n.key = i.key and ${same.join(' and ')} returning 1)
    select count(*)::int4 as newer from newer`;
}

/** `offset 0`: the text is read as text[] once for a row. `distinct`: two texts of one key may be the same value. */
function incoming({ key }: WrittenTable, columns: readonly TargetColumn[]): string {
  const values = columns.map(({ value }, at) => `${value} as c${at}`).join(', ');
  return `incoming as materialized (select distinct on (r.key) r.* from (
    select array[${key.map(({ keyText }) => keyText).join(', ')}]::text as key, x.epoch, x.seq, x.bucket, ${values}
    from (select u.v::text[] as a, u.epoch, u.seq, u.bucket
      from unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[]) as u (v, epoch, seq, bucket) offset 0) x
  ) r order by r.key, r.epoch desc, r.seq desc)`;
}

/** In the order of the keys, so that two appliers wait for each other and don't lock each other out. */
function newer(datasetId: number, groupId: number, deleted: boolean): string {
  return `newer as (insert into banyan.applied as had (dataset_id, key, epoch, seq, deleted, bucket)
      select ${datasetId}, i.key, i.epoch, i.seq, ${deleted}, i.bucket from incoming i
      join banyan.buckets b on b.group_id = ${groupId} and b.bucket = i.bucket
      where b.state <> 'owner' and i.epoch >= b.fenced_at and (i.seq > b.accepts_after or i.seq = 0)
      order by i.key
      on conflict (dataset_id, key) do update set
        epoch = excluded.epoch, seq = excluded.seq, deleted = excluded.deleted, bucket = excluded.bucket, minute = excluded.minute
      where (had.epoch, had.seq) < (excluded.epoch, excluded.seq)
      returning key, epoch, seq),
    superseded as (delete from banyan.parked p using newer n where p.dataset_id = ${datasetId}
      and p.key = n.key and (p.epoch, p.seq) <= (n.epoch, n.seq))`;
}
