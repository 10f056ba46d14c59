import type { KeySource } from './schema.ts';

/**
 * Where a key was found: keys of one space can be told from each other, those of two spaces cannot. Parameters of a path
 * are one space, whatever they are called: /items/:id and /items/:item/parts name the same thing. Empty: no key.
 */
export function keySpaceOf(key: KeySource | undefined): string {
  if (key === undefined) return '';
  if ('path' in key) return 'path';
  if ('header' in key) return `header ${key.header.toLowerCase()}`;
  return 'cookie' in key ? `cookie ${key.cookie}` : `claim ${key.jwtClaim}`;
}
