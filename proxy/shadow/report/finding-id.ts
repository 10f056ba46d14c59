import { createHash } from 'node:crypto';
import type { FindingKey } from './totals.types.ts';

/** The same in every process: 16 hexadecimal digits of a digest of what makes the group. */
export function findingId(key: FindingKey): string {
  const { migration, route, primarySide, place, path, kind, expected } = key;
  const parts = [migration, route, primarySide, place, path, kind, expected ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

export function isFindingId(text: string): boolean {
  return /^[\da-f]{16}$/.test(text);
}
