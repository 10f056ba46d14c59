/** What the plane does with a request header of some name. */
export type HeaderRule =
  /** Goes through. */
  | 'pass'
  /** Belongs to one hop: never goes through (RFC 9110, 7.6.1). */
  | 'hop'
  /** Goes through from a trusted peer alone (X-Forwarded-Port, X-Real-IP …). */
  | 'trusted'
  /** Written by us alone; a client's own never passes. */
  | 'managed'
  /** Reads like a managed name to a server that maps `-` and `_` to the same letter: the request is refused. */
  | 'alias'
  | 'connection'
  | 'host'
  | 'content-length'
  | 'transfer-encoding'
  | 'upgrade'
  | 'expect'
  | 'forwarded-for'
  | 'forwarded-host'
  | 'forwarded-proto'
  | 'forwarded'
  | 'request-id';

export interface HeaderName {
  readonly lower: string;
  readonly rule: HeaderRule;
}

const rules: readonly (readonly [HeaderRule, readonly string[]])[] = [
  [
    'hop',
    [
      'keep-alive',
      'proxy-connection',
      'te',
      'trailer',
      'proxy-authorization',
      'proxy-authenticate',
      'http2-settings',
    ],
  ],
  [
    'trusted',
    ['x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-server', 'x-forwarded-ssl', 'x-real-ip'],
  ],
  ['connection', ['connection']],
  ['host', ['host']],
  ['content-length', ['content-length']],
  ['transfer-encoding', ['transfer-encoding']],
  ['upgrade', ['upgrade']],
  ['expect', ['expect']],
  ['forwarded-for', ['x-forwarded-for']],
  ['forwarded-host', ['x-forwarded-host']],
  ['forwarded-proto', ['x-forwarded-proto']],
  ['forwarded', ['forwarded']],
  ['request-id', ['x-request-id']],
];

const common = (
  'accept accept-encoding accept-language authorization cache-control content-type cookie ' +
  'content-encoding etag if-match if-none-match origin pragma range ' +
  'referer user-agent traceparent tracestate x-requested-with idempotency-key date ' +
  'server vary set-cookie location last-modified x-powered-by baggage ' +
  'sec-fetch-mode sec-fetch-site sec-fetch-dest'
).split(' ');

/** Our own markers: what a client sends under such a name is seen by routing, and goes no further. */
export const ownPrefix = 'banyan-';

const maxRemembered = 2_000;
const maxRememberedLength = 64;

/**
 * Names by their spelling in the message. Known spellings cost one look-up; others are lower-cased and looked at, and
 * remembered up to a bound, since a client can make up as many as it likes. Servers that turn headers into variables
 * (CGI, WSGI, PHP) read `X_Forwarded_For` as `X-Forwarded-For`: such aliases of a name with a rule are refused.
 * @param managed further names that only we may send
 */
export function createHeaderNames(managed: readonly string[]): (spelling: string) => HeaderName {
  const ruled = new Map<string, HeaderName>();
  for (const [rule, names] of rules) for (const lower of names) ruled.set(lower, { lower, rule });
  for (const name of managed) {
    const lower = name.toLowerCase();
    if (!ruled.has(lower)) ruled.set(lower, { lower, rule: 'managed' });
  }
  const bySpelling = new Map<string, HeaderName>();
  const classify = (spelling: string): HeaderName => {
    const lower = spelling.toLowerCase();
    const known = ruled.get(lower);
    if (known !== undefined) return known;
    if (lower.startsWith(ownPrefix)) return { lower, rule: 'managed' };
    const dashed = lower.replaceAll(/[^a-z0-9]/g, '-');
    const alias = dashed !== lower && (ruled.has(dashed) || dashed.startsWith(ownPrefix));
    return { lower, rule: alias ? 'alias' : 'pass' };
  };
  for (const lower of [...ruled.keys(), ...common]) {
    const name = classify(lower);
    bySpelling.set(lower, name);
    bySpelling.set(
      lower.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase()),
      name,
    );
  }
  return (spelling) => {
    const known = bySpelling.get(spelling);
    if (known !== undefined) return known;
    const name = classify(spelling);
    if (bySpelling.size < maxRemembered && spelling.length <= maxRememberedLength) {
      // A copy: the slice would keep the whole message that it was cut from.
      const copy = Buffer.from(spelling, 'latin1').toString('latin1');
      bySpelling.set(copy, { lower: copy.toLowerCase(), rule: name.rule });
      return name;
    }
    return name;
  };
}
