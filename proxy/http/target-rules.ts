/**
 * Which request targets go through. Routing must see exactly what the upstream will see, so whatever two servers may
 * read in two ways is refused, and what RFC 3986 (6.2.2) calls equivalent is written in one way.
 */

/** Paths without anything to look at more closely; no segment is empty but the last, none begins with a dot. */
const plain = /^(?:\/|(?:\/[\w~!$&'()*+,;=:@-][\w~!$&'()*+,;=:@.-]*)+\/?)(?:\?[\x21\x22\x24-\x7e]*)?$/;
const printable = /^[\x21-\x7e]+$/;
const badPercent = /%(?![0-9A-Fa-f]{2})/;
/** Encoded slash, backslash, NUL and other controls: some servers decode them before they route, some after. */
const ambiguousPercent = /%(?:2[fF]|5[cC]|[01][0-9A-Fa-f]|7[fF])/;
/** `.` or `..`, also with parameters (`/..;x/`), which Java servers cut off first. */
const dotSegment = /\/\.{1,2}(?:[/;]|$)/;
const percentEncoded = /%([0-9A-Fa-f]{2})/g;
const unreserved = /[\w.~-]/;
const authorityForm = /^https?:\/\/([^/?#]*)(.*)$/i;
const hostForm = /^(?:[A-Za-z0-9_~!$&'()*+;=.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

export interface Target {
  /** Canonical origin form, or `*`. */
  readonly target: string;
  /** The authority of an absolute form; it must be the same as `Host`. */
  readonly authority: string | undefined;
}

/** @returns the target in its one form, or `undefined` where it is ambiguous or broken */
export function canonicalTarget(raw: string, method: string): Target | undefined {
  if (plain.test(raw)) return { target: raw, authority: undefined };
  if (raw === '*') return method === 'OPTIONS' ? { target: raw, authority: undefined } : undefined;
  if (!printable.test(raw) || raw.includes('#')) return undefined;
  if (raw.startsWith('/')) return originForm(raw, undefined);
  const absolute = authorityForm.exec(raw);
  if (absolute === null) return undefined;
  const [, authority = '', rest = ''] = absolute;
  if (!isHost(authority)) return undefined;
  return originForm(rest.startsWith('/') ? rest : `/${rest}`, authority);
}

function originForm(raw: string, authority: string | undefined): Target | undefined {
  const query = raw.indexOf('?');
  const path = query === -1 ? raw : raw.slice(0, query);
  if (path.includes('//') || path.includes('\\')) return undefined;
  if (badPercent.test(path) || ambiguousPercent.test(path)) return undefined;
  const canonical = path.replaceAll(percentEncoded, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return unreserved.test(character) ? character : encoded.toUpperCase();
  });
  // Twice encoded dots and slashes (`%252e`) stay encoded: one decoding leaves them as text.
  if (dotSegment.test(canonical)) return undefined;
  return { target: query === -1 ? canonical : canonical + raw.slice(query), authority };
}

/** Whether a `Host` value is a host with an optional port: no user information, no list, not empty (RFC 9110, 7.2). */
export function isHost(value: string): boolean {
  return hostForm.test(value);
}
