import type { FindingSample } from '../delta.types.ts';

// Paths and values come from answers and requests, so from anybody. Whatever the comparer sends, this is what is kept.

const longestPath = 300;
const longestExpected = 300;
const longestTarget = 2_000;
const longestHeader = 500;
const longestValue = 2_000;
const mostHeaders = 50;

/** Well-formed and without NUL, which PostgreSQL takes neither in a text nor in JSON; cut, with a mark where it was. */
export function storable(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.toWellFormed().replaceAll('\0', '\ufffd');
}

export function storablePath(path: string): string {
  return storable(path, longestPath);
}

export function storableExpected(expected: string | undefined): string | undefined {
  // A finding without a rule has no reason, and its id says so by an empty one.
  return expected === undefined ? undefined : storable(expected, longestExpected) || '(no reason)';
}

export function storableSample({ at, request, primary, shadow }: FindingSample): FindingSample {
  const value = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : storable(text, longestValue);
  return {
    at,
    request: {
      method: storable(request.method, 20),
      target: storable(request.target, longestTarget),
      headers: request.headers
        .slice(0, mostHeaders)
        .map(([name, text]) => [storable(name, 100), storable(text, longestHeader)] as const),
    },
    primary: value(primary),
    shadow: value(shadow),
  };
}
