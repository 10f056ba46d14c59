import { escapeIdentifier, escapeLiteral } from 'pg';
import { mappingFrom, otherSide } from '../plan.ts';
import { capturedColumns } from './captured-columns.ts';
import type { WriteFunctionInput } from './write-function.ts';

type Row = 'new' | 'old';

/**
 * SQL for the text of a row's image; `(text::banyan.image_<id>).*` reads it back. The whole row costs 7 µs less than its
 * columns one by one; by `concat`, since the table's owner could have made a cast of its own. Columns that the table
 * got later stand at its end, and whoever reads it cuts them off (stream/image.ts).
 */
export function imageSql({ dataset, side, whole }: WriteFunctionInput, row: Row): string {
  if (whole) return `pg_catalog.concat(${row})`;
  const fields = capturedColumns(dataset, side).map((column) => `${row}.${escapeIdentifier(column)}`);
  return `row(${fields.join(', ')})::pg_catalog.text`;
}

/** Types whose texts stand in a composite's text as they are: int8, int2, int4, oid, uuid, timestamp, timestamptz, date. */
const unquoted: readonly number[] = [20, 21, 23, 26, 2950, 1114, 1184, 1082];
/** Types from here on may be somebody's own: a domain can refuse null. */
const firstTypeOfOthers = 10_000;

/**
 * The same of a deleted row, of which only its key is read: the other fields are left out where that is easy. It is cheaper,
 * and a wide value need not be fetched.
 */
export function deletedImageSql(input: WriteFunctionInput): string {
  const { dataset, side, columns, whole } = input;
  const keys = dataset.tables[otherSide(side)].key;
  const mapped = mappingFrom(dataset, side).filter(({ column }) => keys.includes(column));
  const wanted = mapped.flatMap(({ source, expression }) => (expression === undefined ? (source ?? []) : []));
  const names = whole ? columns.map(({ name }) => name) : capturedColumns(dataset, side);
  const typeOf = (name: string) =>
    columns.find((column) => column.name === name)?.typeId ?? firstTypeOfOthers;
  const isEasy =
    mapped.length === wanted.length &&
    wanted.every((name) => unquoted.includes(typeOf(name))) &&
    names.every((name) => typeOf(name) < firstTypeOfOthers);
  if (!isEasy) return imageSql(input, 'old');
  const pieces: string[] = [];
  let text = '(';
  for (const [at, name] of names.entries()) {
    if (at > 0) text += ',';
    if (!wanted.includes(name)) continue;
    pieces.push(escapeLiteral(text), `old.${escapeIdentifier(name)}`);
    text = '';
  }
  return `pg_catalog.concat(${[...pieces, escapeLiteral(`${text})`)].join(', ')})`;
}
