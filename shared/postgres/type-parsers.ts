import { types } from 'pg';

type ReadText = (text: string) => unknown;

const int8Oid = 20;

/**
 * How values of PostgreSQL are read on one connection or pool, which takes it as its `types`; pg's global parsers stay as
 * they are. `bigint` becomes a number: an id beyond the safe integers is an error, not a wrong number.
 * @param others readers of other types by their object id, before pg's own
 */
export function typeParsers(
  others: Readonly<Record<number, ReadText>> = {},
): Pick<typeof types, 'getTypeParser'> {
  const readers: Readonly<Record<number, ReadText>> = { [int8Oid]: safeInteger, ...others };
  const getTypeParser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
    readers[oid] ?? types.getTypeParser(oid, format);
  return { getTypeParser };
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the safe integers`);
  return value;
}
