/** Which headers count. */
export interface HeaderChoice {
  has(name: string): boolean;
}

/**
 * What clients act on. Clocks (`date`, `age`, `expires`, `last-modified`), validators (`etag`), and names of requests and
 * servers are left out: they belong to one server rather than to the answer, and can be chosen by name.
 */
export const defaultHeaders: readonly string[] = [
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'allow',
  'cache-control',
  'content-disposition',
  'content-language',
  'content-range',
  'content-type',
  'deprecation',
  'link',
  'location',
  'retry-after',
  'set-cookie',
  'sunset',
  'vary',
  'www-authenticate',
];

/** The connection's and the framing's, even with `*`: the proxy writes them anew for each leg. */
const neverCompared: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @param names in lower case; `*` stands for all that can be compared; `undefined` for the default */
export function headerChoice(names: readonly string[] | undefined): HeaderChoice {
  if (names?.includes('*') === true) return { has: (name) => !neverCompared.has(name) };
  return new Set(names ?? defaultHeaders);
}

/**
 * Headers whose lines must be equal, byte for byte, for a pair to be the same at first sight: of cookies that are compared
 * by name, all are looked at.
 * @param names as in `headerChoice`
 */
export function firstSightChoice(names: readonly string[] | undefined): HeaderChoice {
  const choice = headerChoice(names);
  if (names?.some((name) => name.startsWith('set-cookie.')) !== true) return choice;
  return { has: (name) => name === 'set-cookie' || choice.has(name) };
}
