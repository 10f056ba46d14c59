import { escapeIdentifier } from 'pg';
import type { Side } from '#flags/stages.ts';
import { readColumns, type Queryable, type TableColumn } from '../backfill/catalog.ts';
import { mappedText } from '../backfill/mapped-rows.ts';
import { tableName } from '../backfill/names.ts';
import { mappingFrom, otherSide, type MappedColumn } from '../plan.ts';
import type { DatasetPlan, TablePlan } from '../plan.types.ts';

/**
 * One dataset as both sides are compared: what the owner's mapping gives, against what the follower has, both in the text
 * form of the follower's columns. That is what the copy writes, so it is right in both directions.
 */
export interface Compared {
  readonly dataset: DatasetPlan;
  readonly owner: Side;
  readonly follower: Side;
  /** The follower's columns, in the order of the mapping. */
  readonly columns: readonly string[];
  readonly sides: Readonly<Record<Side, ComparedSide>>;
}

export interface ComparedSide {
  readonly table: TablePlan;
  /** The key's columns with their types, in the order of the plan. */
  readonly key: readonly TableColumn[];
  /** SQL over the table's columns: the text of each compared column. */
  readonly texts: readonly string[];
  /** SQL of each compared column in the form that is hashed: as exact as the text, cheaper where there is a cheaper one. */
  readonly hashed: readonly string[];
  /** SQL: text[] of the owner's key, and of the follower's. */
  readonly ownerKey: string;
  readonly followerKey: string;
}

export interface ComparedPools {
  readonly owner: Queryable;
  readonly follower: Queryable;
}

export async function readCompared(
  pools: ComparedPools,
  dataset: DatasetPlan,
  owner: Side,
): Promise<Compared> {
  const follower = otherSide(owner);
  const tables = { owner: dataset.tables[owner], follower: dataset.tables[follower] };
  const mapping = mappingFrom(dataset, owner);
  const [ownerColumns, followerColumns] = await Promise.all([
    readColumns(pools.owner, tables.owner),
    readColumns(pools.follower, tables.follower),
  ]);
  const types = mapping.map(({ column }) => columnOf(followerColumns, tables.follower, column));
  const native = await nativeOids(pools.owner, tables.owner, mapping);
  const ownTexts = (key: readonly string[]): string[] => key.map((name) => `${escapeIdentifier(name)}::text`);
  const ownerSide: ComparedSide = {
    table: tables.owner,
    key: tables.owner.key.map((name) => columnOf(ownerColumns, tables.owner, name)),
    texts: mapping.map((column, index) => inFormOf(types[index], mappedText(column))),
    hashed: mapping.map((column, index) => hashedForm(types[index], column, native[index])),
    ownerKey: textArray(ownTexts(tables.owner.key)),
    followerKey: textArray(keyTexts(dataset, owner, tables.follower.key, followerColumns)),
  };
  const followerSide: ComparedSide = {
    table: tables.follower,
    key: tables.follower.key.map((name) => columnOf(followerColumns, tables.follower, name)),
    texts: types.map((type) => `${escapeIdentifier(type.name)}::text`),
    hashed: types.map((type) => exactForm(type, escapeIdentifier(type.name))),
    ownerKey: textArray(keyTexts(dataset, follower, tables.owner.key, ownerColumns)),
    followerKey: textArray(ownTexts(tables.follower.key)),
  };
  return {
    dataset,
    owner,
    follower,
    columns: mapping.map(({ column }) => column),
    sides:
      owner === 'monolith'
        ? { monolith: ownerSide, service: followerSide }
        : { monolith: followerSide, service: ownerSide },
  };
}

export function fromTable({ table }: ComparedSide): string {
  return tableName(table);
}

export function withinFilter({ table }: ComparedSide): string {
  return table.filter === undefined ? 'true' : `(${table.filter})`;
}

function columnOf(columns: ReadonlyMap<string, TableColumn>, table: TablePlan, name: string): TableColumn {
  const column = columns.get(name);
  if (column === undefined) throw new Error(`${table.schema}.${table.table} has no column ${name}`);
  return column;
}

function textArray(texts: readonly string[]): string {
  return `array[${texts.join(', ')}]`;
}

/** The other side's key as `from` maps it. */
function keyTexts(
  dataset: DatasetPlan,
  from: Side,
  key: readonly string[],
  types: ReadonlyMap<string, TableColumn>,
): string[] {
  const mapping = mappingFrom(dataset, from);
  return key.map((name, index) => {
    const mapped = mapping.find(({ column }) => column === name);
    // Keys pair by their place where the mapping does not name one.
    return mapped === undefined
      ? `${escapeIdentifier(dataset.tables[from].key[index] ?? '')}::text`
      : inFormOf(types.get(name), mappedText(mapped));
  });
}

/** Of these the text of a value is what was written; a cast to a shorter one would cut off what should be seen. */
const texts: ReadonlySet<string> = new Set([
  'text',
  'character varying',
  'bpchar',
  '"char"',
  'name',
  'json',
  'xml',
]);

/** A text as the follower's column would give it back, e.g. `1.5` as `1.50` of a numeric(14,2). */
function inFormOf(type: TableColumn | undefined, text: string): string {
  if (type === undefined || !type.builtIn) return text;
  if (type.bareType === 'bpchar') return `rtrim(${text}, ' ')`;
  return texts.has(type.bareType) ? text : `(${text})::${type.fullType}::text`;
}

/**
 * The binary form of types whose text is dear or long. Never their own hash functions: those of bigint and timestamps fold 64
 * bits into 32, those of numeric do not see the scale, those of floats not the sign of zero.
 */
const binaryForms: Readonly<Record<string, string>> = {
  bigint: 'int8send',
  'timestamp without time zone': 'timestamp_send',
  'timestamp with time zone': 'timestamptz_send',
  'time without time zone': 'time_send',
  'double precision': 'float8send',
  real: 'float4send',
  numeric: 'numeric_send',
  uuid: 'uuid_send',
  interval: 'interval_send',
};

/** Their hash sees every bit of them. */
const asTheyAre: ReadonlySet<string> = new Set(['smallint', 'integer', 'boolean', 'date', 'bytea']);

function exactForm({ bareType, builtIn }: TableColumn, value: string): string {
  if (builtIn && asTheyAre.has(bareType)) return value;
  const send = builtIn ? binaryForms[bareType] : undefined;
  return send === undefined ? `(${value})::text` : `${send}(${value})`;
}

function hashedForm(type: TableColumn | undefined, column: MappedColumn, oid: number | undefined): string {
  if (type === undefined) return mappedText(column);
  if (!type.builtIn || texts.has(type.bareType)) return inFormOf(type, mappedText(column));
  const value = column.expression ?? escapeIdentifier(column.source ?? '');
  // Of the follower's type already: the way over the text is spared.
  const typed = oid === type.oid ? `(${value})` : mappedText(column);
  return exactForm(type, `${typed}::${type.fullType}`);
}

/** The types of the mapped expressions on the side that is read. */
async function nativeOids(
  db: Queryable,
  table: TablePlan,
  mapping: readonly MappedColumn[],
): Promise<readonly number[]> {
  const list = mapping.map(({ expression, source }) => expression ?? escapeIdentifier(source ?? ''));
  const { fields } = await db.query(`select ${list.join(', ')} from ${tableName(table)} limit 0`);
  return fields.map(({ dataTypeID }) => dataTypeID);
}
