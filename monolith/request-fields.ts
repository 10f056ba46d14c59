import { z } from 'zod';

/** An id in a JSON body: a positive safe integer. */
export const idField = z.int().min(1);

/**
 * Text on one line: trimmed, 1 to `max` characters. NUL is refused because PostgreSQL cannot hold it.
 * @param max characters (UTF-16 units, as JavaScript counts)
 */
export function textField(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\0'), 'must not contain the NUL character');
}

const digits = /^[1-9]\d{0,15}$/;

/** An id in the query string. */
export const idQueryField = z
  .string()
  .refine(isId, 'must be a positive whole number')
  .transform((text) => Number(text));

/** The id that a path names, or `undefined` where it can be nobody's: the caller answers 404. */
export function pathId(text: unknown): number | undefined {
  return typeof text === 'string' && isId(text) ? Number(text) : undefined;
}

function isId(text: string): boolean {
  return digits.test(text) && Number.isSafeInteger(Number(text));
}
