import type { Queryable } from '../backfill/catalog.ts';
import type { RowName } from './by-key.ts';
import type { Difference } from './verify.types.ts';

/** Findings of one dataset that are kept at most. What is beyond is counted by the next verification. */
const mostFindings = 1_000;

export async function noteFindings(
  db: Queryable,
  datasetId: number,
  found: readonly Difference[],
): Promise<void> {
  for (const { key, followerKey, kind, columns } of found) {
    await db.query(
      `insert into banyan.verify_findings (dataset_id, key, owner_key, kind, columns)
       select $1, $2, $3, $4, $5
       where (select count(*) from banyan.verify_findings where dataset_id = $1) < ${mostFindings}
         or exists (select from banyan.verify_findings where dataset_id = $1 and key = $2)
       on conflict (dataset_id, key)
         do update set kind = excluded.kind, columns = excluded.columns, last_seen = clock_timestamp()`,
      [datasetId, followerKey, key, kind, columns],
    );
  }
}

/** Rows that agree are findings no more. */
export async function clearFindings(
  db: Queryable,
  datasetId: number,
  agree: readonly RowName[],
): Promise<void> {
  await db.query(
    `delete from banyan.verify_findings f using unnest($2::text[]) as agrees(key)
     where f.dataset_id = $1 and f.key = agrees.key::text[]`,
    [datasetId, agree.map(({ followerKey }) => arrayText(followerKey))],
  );
}

export async function countFindings(db: Queryable, datasetIds: readonly number[]): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::int4 as count from banyan.verify_findings where dataset_id = any($1::smallint[])',
    [datasetIds],
  );
  return rows[0]?.count ?? 0;
}

/** A text[] literal: an array of arrays must be rectangular, so each travels as a text. */
function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}
