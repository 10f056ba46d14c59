/**
 * Where the case of paths does not count, find-my-way looks at the small letters of the path, and cuts the parameters out
 * of the path itself at the same places. U+0130 (İ) is the one letter that gets longer when it gets small, so every place
 * behind it would be wrong: no route, or half a parameter. A lone surrogate stands in for it during the search, which
 * percent-decoding never yields, so that it cannot be mistaken for anything that a client sent.
 */
const encodedLetter = /%c4%b0/gi;
const letter = '\u0130';
const standIn = '\ud800';
/** With `u` half of a pair is no match. */
const loneStandIn = /\ud800/gu;

/** What to search for in a table that takes any case. */
export function searchPath(path: string): string {
  return path.replace(encodedLetter, standIn);
}

/** The parameters that a search with `searchPath` found, as the client sent them. */
export function asSent(
  parameters: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, value?.replace(loneStandIn, letter)]),
  );
}
