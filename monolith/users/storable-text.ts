import { z } from 'zod';

// The first check that fails is the last one made (`abort`), so that a field is refused with one entry.

/** Text that PostgreSQL holds as it was sent: no NUL, no half of a surrogate pair. */
export function storableText() {
  return z.string().refine((text) => !text.includes('\0') && text.isWellFormed(), {
    error: 'must not contain NUL or a lone surrogate',
    abort: true,
  });
}

/** For `.refine(...between(1, 200))`: counts Unicode code points, as PostgreSQL's varchar does. */
export function between(minimum: number, maximum: number) {
  const fits = (text: string): boolean => {
    // A code point takes at most two units, so a text far too long is not walked through.
    if (text.length > maximum * 2) return false;
    const length = Array.from(text).length;
    return length >= minimum && length <= maximum;
  };
  return [fits, { error: `must have ${minimum} to ${maximum} characters`, abort: true }] as const;
}
