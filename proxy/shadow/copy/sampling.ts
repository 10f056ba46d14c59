/** A place in 0-4,294,967,295 that follows from the text alone, on every proxy, after every restart. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  // FNV alone leaves the upper bits of short texts alike; this is the finish of MurmurHash3.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Whether a request is among those that are copied. A key has one place in its route, so while the share rises the set of
 * keys only grows. A request without a key has no cohort to belong to: it is drawn by itself, with the share as chance.
 * @param share percent
 */
export function isSampled(
  request: { readonly route: string; readonly key: string | undefined },
  share: number,
  random: () => number = Math.random,
): boolean {
  if (share >= 100) return true;
  if (share <= 0) return false;
  const place = request.key === undefined ? random() : hashOf(`${request.route}\0${request.key}`) / 2 ** 32;
  return place * 100 < share;
}
