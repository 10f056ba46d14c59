import { z } from 'zod';
import { pathId } from './request-fields.ts';

const defaultLimit = 50;
const maxLimit = 100;

/**
 * The query fields of every list: `limit` 1-100 (50) and `cursor`, the opaque `nextCursor` of the page before, which
 * becomes the id after which this page begins (0 for the first).
 */
export const pageFields = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${maxLimit}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maxLimit, `must be a whole number from 1 to ${maxLimit}`)
    .default(defaultLimit),
  cursor: z.string().transform(idOfCursor).default(0),
};

export interface Page<Item> {
  readonly items: readonly Item[];
  /** `null` on the last page. */
  readonly nextCursor: string | null;
}

/**
 * Makes a page of rows that were read in order of their ids, one more than the page holds.
 * @param rows up to `limit + 1` of them
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  options: {
    readonly limit: number;
    readonly idOf: (row: Row) => number;
    readonly show: (row: Row) => Item;
  },
): Page<Item> {
  const shown = rows.slice(0, options.limit);
  const last = shown.at(-1);
  const more = rows.length > options.limit && last !== undefined;
  return { items: shown.map(options.show), nextCursor: more ? cursorOf(options.idOf(last)) : null };
}

function cursorOf(id: number): string {
  return Buffer.from(String(id)).toString('base64url');
}

function idOfCursor(cursor: string, context: z.RefinementCtx): number {
  const id = pathId(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (id !== undefined && cursorOf(id) === cursor) return id;
  context.addIssue('must be the nextCursor of the page before');
  return z.NEVER;
}
