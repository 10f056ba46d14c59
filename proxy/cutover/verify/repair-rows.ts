import { escapeIdentifier } from 'pg';
import type { PoolClient } from 'pg';
import { bucketSql } from '../bucket.ts';
import type { TableColumn } from '../backfill/catalog.ts';
import { columnList, tableName } from '../backfill/names.ts';
import type { Passage } from '../backfill/passage.ts';
import type { Pair } from './by-key.ts';

export type RowOutcome = 'written' | 'deleted' | 'owned';

/** Gives the follower the owner's row, or takes away what the owner does not have. In the caller's guarded transaction. */
export async function repairRow(
  client: PoolClient,
  passage: Passage,
  {
    pair,
    owned,
    key,
  }: { readonly pair: Pair; readonly owned: readonly number[]; readonly key: readonly TableColumn[] },
): Promise<RowOutcome> {
  const result =
    pair.owner === undefined
      ? await client.query(deletion(passage, key, owned), [...pair.name.followerKey])
      : await client.query(upsert(passage, owned), [...pair.owner]);
  if (result.rowCount === 0) return 'owned';
  return pair.owner === undefined ? 'deleted' : 'written';
}

function upsert({ target, columns, bucket }: Passage, owned: readonly number[]): string {
  const names = columns.map(({ name }) => name);
  const typed = columns.map(
    ({ name, bareType }, index) => `$${index + 1}::text::${bareType} as ${escapeIdentifier(name)}`,
  );
  const others = names.filter((name) => !target.key.includes(name));
  const set = (others.length === 0 ? target.key : others).map(
    (name) => `${escapeIdentifier(name)} = excluded.${escapeIdentifier(name)}`,
  );
  return `insert into ${tableName(target)} (${columnList(names)}) overriding system value
    select ${columnList(names, 'r')} from (select ${typed.join(', ')}) as r where ${notOwned(bucket, owned)}
    on conflict (${columnList(target.key)}) do update set ${set.join(', ')}`;
}

function deletion(
  { dataset, to, target }: Passage,
  key: readonly TableColumn[],
  owned: readonly number[],
): string {
  const values = key.map(({ bareType }, index) => `$${index + 1}::text::${bareType}`);
  return `delete from ${tableName(target)} as r where (${columnList(target.key, 'r')}) = (${values.join(', ')})
    and ${notOwned(bucketSql(dataset, to, 'r'), owned)}`;
}

function notOwned(bucket: string, owned: readonly number[]): string {
  return owned.length === 0 ? 'true' : `${bucket} not in (${owned.join(', ')})`;
}
