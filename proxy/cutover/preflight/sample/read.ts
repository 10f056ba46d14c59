import { escapeIdentifier, type Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { columnList, qualified } from '#proxy/cutover/catalog/quote.ts';
import { mappingFrom } from '#proxy/cutover/plan.ts';
import type { DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { namedColumns } from '../found-tables.ts';
import { objectSql } from './object-sql.ts';

/** One row of one side, all as text; `undefined` is null. */
export interface SampledRow {
  readonly key: readonly Text[];
  /** By column of this side. */
  readonly own: Readonly<Record<string, Text>>;
  /** What the mapping makes of it, by column of the other side. */
  readonly mapped: Readonly<Record<string, Text>>;
  /** The partition key's columns joined, as the bucket's hash takes them. */
  readonly partition: Text;
}

export type Text = string | undefined;

/** A third each from both ends of the key and from anywhere between. */
const partsOf = 3;

/**
 * Rows of one side with what their mapping makes of them, computed there.
 * @throws whatever PostgreSQL says of an expression that it cannot evaluate
 */
export async function sampleRows(
  client: Client,
  {
    dataset,
    side,
    rows,
    estimated,
  }: {
    readonly dataset: DatasetPlan;
    readonly side: Side;
    readonly rows: number;
    /** Rows in the table as its statistics say; below `rows` the whole table is read. */
    readonly estimated: number;
  },
): Promise<SampledRow[]> {
  const sql = sampleSql({ dataset, side, rows, estimated });
  const result = await client.query<{ fact: string }>(sql);
  return result.rows.map(({ fact }) => {
    const { own, mapped, key, partition } = JSON.parse(fact) as Fact;
    return {
      key: key.map(textOf),
      own: textsOf(own),
      mapped: textsOf(mapped),
      partition: textOf(partition),
    };
  });
}

interface Fact {
  readonly own: Record<string, string | null>;
  readonly mapped: Record<string, string | null>;
  readonly key: readonly (string | null)[];
  readonly partition: string | null;
}

function sampleSql({
  dataset,
  side,
  rows,
  estimated,
}: {
  readonly dataset: DatasetPlan;
  readonly side: Side;
  readonly rows: number;
  readonly estimated: number;
}): string {
  const { key, partitionKey, filter } = dataset.tables[side];
  const named = namedColumns(dataset, side);
  const columns = columnList(named);
  const where = filter === undefined ? '' : `where (${filter})`;
  const table = `(select ${columns} from ${qualified(dataset.tables[side])}`;
  const part = Math.ceil(rows / partsOf);
  const forwards = key.map((column) => escapeIdentifier(column)).join(', ');
  const backwards = key.map((column) => `${escapeIdentifier(column)} desc`).join(', ');
  const percent = Math.min(100, (part / Math.max(estimated, 1)) * 150);
  const sources =
    estimated <= rows
      ? [`(select * from ${table}) as every_row ${where} limit ${rows})`]
      : [
          `(select * from ${table}) as first_rows ${where} order by ${forwards} limit ${part})`,
          `(select * from ${table}) as last_rows ${where} order by ${backwards} limit ${part})`,
          `(select * from ${table} tablesample system (${percent.toFixed(6)})) as some_rows ${where} limit ${part})`,
        ];
  const own = named.map((column) => [column, `${escapeIdentifier(column)}::text`] as const);
  const mapped = mappingFrom(dataset, side).map(
    ({ column, expression, source }) =>
      [column, `(${expression ?? escapeIdentifier(source ?? '')})::text`] as const,
  );
  const texts = (list: readonly string[]): string =>
    list.map((column) => `${escapeIdentifier(column)}::text`).join(', ');
  return `select jsonb_build_object('own', ${objectSql(own)}, 'mapped', ${objectSql(mapped)},
    'key', jsonb_build_array(${texts(key)}), 'partition', concat_ws(chr(31), ${texts(partitionKey)})) as fact
    from (${sources.join(' union all ')}) as sampled`;
}

function textsOf(values: Record<string, string | null>): Record<string, Text> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: string | null): Text {
  return value ?? undefined;
}
