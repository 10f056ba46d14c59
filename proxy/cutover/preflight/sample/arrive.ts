import { escapeIdentifier, type Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { CatalogTable } from '#proxy/cutover/catalog/catalog.types.ts';
import { mappingFrom, otherSide } from '#proxy/cutover/plan.ts';
import type { DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { objectSql } from './object-sql.ts';
import type { SampledRow, Text } from './read.ts';

/** What becomes of a sampled row on the other side, without writing it. */
export interface ArrivedRow {
  /** Mapped back, by column of the side that it came from. */
  readonly back: Readonly<Record<string, Text>>;
  readonly partition: Text;
  /** Check constraints of the other side that refuse it. */
  readonly refusedBy: readonly string[];
  /** Columns of the other side that are not null and would be. */
  readonly nulls: readonly string[];
}

export interface ArriveOptions {
  readonly dataset: DatasetPlan;
  readonly from: Side;
  /** The other side's table. */
  readonly table: CatalogTable;
  readonly rows: readonly SampledRow[];
}

/**
 * Casts mapped rows to the other side's types, there, and maps them back. With no rows it still has PostgreSQL look
 * through every expression.
 * @throws whatever PostgreSQL says of a value that it cannot cast, or of an expression
 */
export async function arriveRows(client: Client, options: ArriveOptions): Promise<ArrivedRow[]> {
  const { dataset, from, table, rows } = options;
  const written = mappingFrom(dataset, from).map(({ column }) => column);
  const parameters = written.map((column) => rows.map(({ mapped }) => mapped[column] ?? null));
  const { rows: arrived } = await client.query<{ fact: string }>(
    arriveSql({ dataset, from, table, written }),
    [rows.map((_row, index) => index), ...parameters],
  );
  return arrived.map(({ fact }) => {
    const { back, partition, checks, nulls } = JSON.parse(fact) as Fact;
    return {
      back: Object.fromEntries(Object.entries(back).map(([name, value]) => [name, value ?? undefined])),
      partition: partition ?? undefined,
      refusedBy: Object.entries(checks).flatMap(([name, holds]) => (holds === false ? [name] : [])),
      nulls: Object.entries(nulls).flatMap(([name, isNull]) => (isNull ? [name] : [])),
    };
  });
}

interface Fact {
  readonly back: Record<string, string | null>;
  readonly partition: string | null;
  readonly checks: Record<string, boolean | null>;
  readonly nulls: Record<string, boolean>;
}

function arriveSql({
  dataset,
  from,
  table,
  written,
}: Omit<ArriveOptions, 'rows'> & { readonly written: readonly string[] }): string {
  const to = otherSide(from);
  const typeOf = (name: string): string =>
    table.columns.find((column) => column.name === name)?.type ?? 'text';
  const parameters = written.map((_column, index) => `$${index + 2}::text[]`);
  const names = written.map((column) => escapeIdentifier(column));
  const typed = written.map((column, index) => `v.${names[index]}::${typeOf(column)} as ${names[index]}`);
  const back = mappingFrom(dataset, to).map(
    ({ column, expression, source }) =>
      [column, `(${expression ?? escapeIdentifier(source ?? '')})::text`] as const,
  );
  const checks = table.checks
    .filter(({ columns }) => columns.every((column) => written.includes(column)))
    .map(({ name, sql }) => [name, sql] as const);
  const nulls = table.columns
    .filter(({ name, notNull }) => notNull && written.includes(name))
    .map(({ name }) => [name, `${escapeIdentifier(name)} is null`] as const);
  const partition = dataset.tables[to].partitionKey.map((column) => `${escapeIdentifier(column)}::text`);
  return `select jsonb_build_object('back', ${objectSql(back)}, 'checks', ${objectSql(checks)},
      'nulls', ${objectSql(nulls)}, 'partition', concat_ws(chr(31), ${partition.join(', ')})) as fact
    from (select ${['v.banyan_place', ...typed].join(', ')}
      from unnest($1::int[], ${parameters.join(', ')}) as v(banyan_place, ${names.join(', ')})) as arrived
    order by banyan_place`;
}

/** How a text that comes back is stored: as it was, as another text of an equal value, or as another value. */
export async function storedAs(
  client: Client,
  { type, was, back }: { readonly type: string; readonly was: Text; readonly back: Text },
): Promise<'same' | 'equal' | 'other'> {
  if (was === undefined || back === undefined) return was === back ? 'same' : 'other';
  try {
    const { rows } = await client.query<{ stored: string; equal: string }>(
      `select $2::text::${type}::text as stored, ($1::text::${type} = $2::text::${type})::text as equal`,
      [was, back],
    );
    if (rows[0]?.stored === was) return 'same';
    return rows[0]?.equal === 'true' ? 'equal' : 'other';
  } catch {
    // A text that the type refuses, or a type without equality, such as json.
    return 'other';
  }
}
