import { z } from 'zod';
import { fault } from './faults.ts';

/** PostgreSQL stores no NUL and no half of a surrogate pair, and XML no control character. */
const storable = (text: string): boolean => text.isWellFormed() && !/[\p{Cc}\ufffe\uffff]/u.test(text);

const deepest = 16;

export function text(longest: number) {
  return z.string().min(1).max(longest).refine(storable);
}

/** A JSON object that jsonb can hold, nested 16 deep at most. */
export const jsonObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isStorable(value, 0),
);

/** Digits with up to `places` after the point, at most `whole` before it. */
export function decimal({ whole, places }: { readonly whole: number; readonly places: number }) {
  return z.string().regex(new RegExp(String.raw`^-?(?:0|[1-9]\d{0,${whole - 1}})(?:\.\d{1,${places}})?$`));
}

/** A moment with its zone, to the millisecond. */
export const moment = z.iso.datetime({ offset: true }).transform((value) => new Date(value));

/** @throws Fault `bad-entry` that names the refused fields */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [...issue.path, key].join('.'))
      : [issue.path.map(String).join('.')],
  );
  throw fault('bad-entry', [...new Set(fields)].toSorted());
}

/** @throws Fault `bad-json` */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw fault('bad-json');
  }
}

function isStorable(value: unknown, depth: number): boolean {
  if (depth > deepest) return false;
  if (typeof value === 'string') return storable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => storable(key) && isStorable(inner, depth + 1));
}
