/**
 * Which request targets go through. Routing must see exactly what the upstream will see, so whatever two servers may
 * read in two ways is refused, and what RFC 3986 (6.2.2) calls equivalent is written in one way.
 */

/** Paths without anything to look at more closely; no segment is empty but the last, none begins with a dot. */
const plain = /^(?:\/|(?:\/[\w~!$&'()*+,;=:@-][\w~!$&'()*+,;=:@.-]*)+\/?)(?:\?[\x21\x22\x24-\x7e]*)?$/;
const printable = /^[\x21-\x7e]+$/;
/** What RFC 3986 leaves out of a path, and servers read in their own ways. */
const unsafe = /["<>\\^`{|}]/;
const badPercent = /%(?![0-9A-Fa-f]{2})/;
/** Encoded slash, backslash and NUL: some servers decode them before they route, some after, some stop there. */
const ambiguousPercent = /%(?:2f|5c|00)/i;
/** `.` or `..`, also with parameters (`/..;x/`), which Java servers cut off first. */
const dotSegment = /\/\.{1,2}(?:[/;]|$)/;
const percentEncoded = /%([0-9A-Fa-f]{2})/g;
const unreserved = /[\w.~-]/;
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/i;
const hostForm = /^(?:[A-Za-z0-9_~!$&'()*+;=.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

export interface Target {
  /** Canonical origin form: a path, perhaps with a query. */
  readonly target: string;
  /** The authority of an absolute form; it must be the same as `Host`. */
  readonly authority: string | undefined;
}

export interface RefusedTarget {
  /** One sentence for the client. */
  readonly refused: string;
}

/** The target in its one form, or why it has none. */
export function canonicalTarget(raw: string): Target | RefusedTarget {
  if (plain.test(raw)) return { target: raw, authority: undefined };
  if (raw === '*') return { refused: 'The target * is not served.' };
  if (!printable.test(raw)) return { refused: 'The target has a character that must be percent-encoded.' };
  if (raw.includes('#')) return { refused: 'The target has a fragment.' };
  if (raw.startsWith('/')) return originForm(raw, undefined);
  const absolute = absoluteForm.exec(raw);
  if (absolute === null) return { refused: 'The target must be a path.' };
  const [, authority = '', rest = ''] = absolute;
  if (!isHost(authority)) return { refused: 'The target names no valid host.' };
  return originForm(rest.startsWith('/') ? rest : `/${rest}`, authority);
}

/** @returns why the proxy refuses a request for this target, or `undefined` where it does not */
export function targetRefusal(raw: string): string | undefined {
  const target = canonicalTarget(raw);
  return 'refused' in target ? target.refused : undefined;
}

function originForm(raw: string, authority: string | undefined): Target | RefusedTarget {
  const query = raw.indexOf('?');
  const path = query === -1 ? raw : raw.slice(0, query);
  if (path.includes('//')) return { refused: 'The path has an empty segment.' };
  if (unsafe.test(path)) return { refused: 'The path has a character that must be percent-encoded.' };
  if (badPercent.test(path)) return { refused: 'The path has a malformed percent-encoding.' };
  if (ambiguousPercent.test(path)) return { refused: 'The path encodes a slash, backslash or NUL.' };
  const canonical = path.replaceAll(percentEncoded, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return unreserved.test(character) ? character : encoded.toUpperCase();
  });
  // Twice encoded dots and slashes (`%252e`) stay encoded: one decoding leaves them as text.
  if (dotSegment.test(canonical)) return { refused: 'The path has a dot segment.' };
  return { target: query === -1 ? canonical : canonical + raw.slice(query), authority };
}

/** Whether a `Host` value is a host with an optional port: no user information, no list, not empty (RFC 9110, 7.2). */
export function isHost(value: string): boolean {
  return hostForm.test(value);
}
