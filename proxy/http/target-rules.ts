/**
 * Which request targets are forwarded. Routing decides on exactly the bytes that go upstream, so a target that two
 * readers could take for two different paths is refused rather than normalised (acceptance rows 11 and 12).
 */

/** Percent-encoded dot, slash, backslash or NUL: what a lenient upstream decodes into another path. */
const ambiguousEncoding = /%(?:2e|2f|5c|00)/i;
const badEncoding = /%(?![\da-f]{2})/i;
const forbiddenBytes = /[^\x21-\x7e]|["<>\\^`{|}]/;

/** @returns why the target is refused, or `undefined` where it is fine */
export function targetRefusal(target: string): string | undefined {
  if (target === '*') return 'The target * is not served.';
  if (!target.startsWith('/')) return 'The target must be a path.';
  const end = target.indexOf('?');
  const path = end === -1 ? target : target.slice(0, end);
  if (target.includes('#')) return 'The target has a fragment.';
  if (path.includes('//')) return 'The path has an empty segment.';
  if (forbiddenBytes.test(path)) return 'The path has a character that must be percent-encoded.';
  if (badEncoding.test(path)) return 'The path has a malformed percent-encoding.';
  if (ambiguousEncoding.test(path)) return 'The path encodes a dot, slash, backslash or NUL.';
  if (/\/\.{1,2}(?:\/|$)/.test(path)) return 'The path has a dot segment.';
  return undefined;
}
