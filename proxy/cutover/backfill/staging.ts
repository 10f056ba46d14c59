import { escapeIdentifier } from 'pg';
import { columnList, keyText, tableName } from './names.ts';
import type { Passage } from './passage.ts';
import type { Run } from './run.types.ts';

/** Rows as texts that wait to be written: `n` (bigint) and c1, c2 … in the order of the mapping. */
export interface Staged {
  /** SQL of a relation with those columns. */
  readonly relation: string;
}

export function stagingTable({ datasetId }: Run): string {
  return `pg_temp.banyan_stage_${datasetId}`;
}

/** One for each connection and dataset: making it for every chunk would bloat the catalog. */
export function createStaging(run: Run, { columns }: Passage): string {
  const texts = columns.map((_, index) => `c${index + 1} text`).join(', ');
  return `create temp table if not exists banyan_stage_${run.datasetId}
    (n bigint generated always as identity, ${texts}) on commit delete rows`;
}

export function stagedColumns({ columns }: Passage): string {
  return columns.map((_, index) => `c${index + 1}`).join(', ');
}

/** SQL of the staged rows as the target's types: `r`. Only of those columns: one of them may be called `n` as well. */
function typedRows({ columns }: Passage, { relation }: Staged): string {
  const typed = columns.map(
    ({ name, bareType }, index) => `c${index + 1}::${bareType} as ${escapeIdentifier(name)}`,
  );
  return `(select ${typed.join(', ')} from ${relation} where n between $1 and $2) as r`;
}

/**
 * The rows from $1 to $2 that `applied` knows nothing of and whose bucket this side does not own. A row that is there
 * already stays; only its own key may meet, any other unique constraint is an error of that row.
 */
export function insertStaged(
  passage: Passage,
  { run, staged, owned }: { readonly run: Run; readonly staged: Staged; readonly owned: readonly number[] },
): string {
  const { target, columns, bucket } = passage;
  const names = columns.map(({ name }) => name);
  const notOwned = owned.length === 0 ? '' : ` and ${bucket} not in (${owned.join(', ')})`;
  return `insert into ${tableName(target)} (${columnList(names)}) overriding system value
    select ${columnList(names, 'r')} from ${typedRows(passage, staged)}
    where not exists (select from banyan.applied a
      where a.dataset_id = ${run.datasetId} and a.key = ${keyText(target.key, 'r')})${notOwned}
    on conflict (${columnList(target.key)}) do nothing`;
}

/**
 * Parks the staged row $1 with the reason $2 and SQLSTATE $3. Its values may fit no type, so the key and the bucket come from
 * the texts. Version (0, 0): every captured change is newer.
 */
export function parkStaged(passage: Passage, run: Run, { relation }: Staged): string {
  const { dataset, to, columns, target } = passage;
  const textOf = (column: string): string => {
    const index = columns.findIndex(({ name }) => name === column);
    return index === -1 ? 'null::text' : `s.c${index + 1}`;
  };
  const key = `array[${target.key.map(textOf).join(', ')}]::text`;
  const parts = dataset.tables[to].partitionKey.map(textOf).join(', ');
  const bucket =
    run.buckets === 1
      ? '0'
      : `(hashtextextended(concat_ws(chr(31), ${parts}) collate "C", 0) & 255)::smallint`;
  const values = `array[${columns.map((_, index) => `s.c${index + 1}`).join(', ')}]`;
  return `insert into banyan.parked (dataset_id, key, bucket, epoch, seq, deleted, row_values, sqlstate, reason)
    select ${run.datasetId}, ${key}, ${bucket}, 0, 0, false, ${values}, $3, $2 from ${relation} s where n = $1`;
}
