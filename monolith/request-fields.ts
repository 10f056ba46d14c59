import { z } from 'zod';

/** An id in a JSON body: a positive safe integer. */
export const idField = z.int().min(1);

/**
 * Text, trimmed, 1 to `max` Unicode code points as PostgreSQL's varchar counts them. NUL and half surrogate pairs are
 * refused because PostgreSQL cannot hold them.
 */
export function textField(max: number) {
  return z
    .string()
    .trim()
    .refine((text) => fits(text, max), `must have 1 to ${max} characters`)
    .refine(
      (text) => !text.includes('\0') && text.isWellFormed(),
      'must not contain NUL or half a surrogate pair',
    );
}

function fits(text: string, max: number): boolean {
  // A code point is one or two units: what is far too long is not walked through.
  return text.length >= 1 && text.length <= 2 * max && Array.from(text).length <= max;
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
