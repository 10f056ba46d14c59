import { z } from 'zod';

export interface TextLimits {
  /** Unicode code points, as JSON Schema and PostgreSQL count them. */
  readonly min: number;
  readonly max: number;
}

const wellFormed = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** A text field, kept as sent. PostgreSQL can store neither NUL nor half a surrogate pair. */
export function text({ min, max }: TextLimits) {
  return z
    .string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be a text') })
    .refine(wellFormed, { error: 'must not contain NUL characters or lone surrogates', abort: true })
    .refine((value) => within(Array.from(value).length, { min, max }), lengthMessage({ min, max }));
}

/** A text field that loses the white space around it before it is measured. */
export function trimmedText({ min, max }: TextLimits) {
  return z
    .string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be a text') })
    .trim()
    .pipe(text({ min, max }));
}

function within(length: number, { min, max }: TextLimits): boolean {
  return length >= min && length <= max;
}

function lengthMessage({ min, max }: TextLimits): string {
  return min === 0 ? `must have at most ${max} characters` : `must have ${min}-${max} characters`;
}
