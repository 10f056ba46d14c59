import { duration } from '#proxy/config/values.ts';
import { openSide } from '#proxy/cutover/database.ts';
import type { CutoverPlan, GroupPlan } from '#proxy/cutover/plan.types.ts';
import { usageError } from '../config-option.ts';

export interface BucketChoice {
  readonly buckets?: string;
  readonly share?: string;
  readonly key?: readonly string[];
}

/** The buckets that a call means; without a choice all of the group. @throws UsageError */
export async function chosenBuckets(
  plan: CutoverPlan,
  group: GroupPlan,
  { buckets, share, key }: BucketChoice,
): Promise<number[]> {
  const given = [buckets, share, key].filter((choice) => choice !== undefined);
  if (given.length > 1) throw usageError('choose one of --buckets, --share and --key');
  if (given.length === 1 && group.buckets === 1)
    throw usageError(`group ${group.name} has one bucket and moves as a whole; name another with --group`);
  if (buckets !== undefined) return listed(buckets);
  if (share !== undefined) return Array.from({ length: sharedOf(share) }, (_, bucket) => bucket);
  if (key !== undefined) return [await bucketOfKey(plan, key)];
  return Array.from({ length: group.buckets }, (_, bucket) => bucket);
}

/** `0-15,200` */
export function listed(text: string): number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || from > to || to > 255)
      throw usageError(`"${part.trim()}" is no bucket and no range of buckets between 0 and 255`);
    for (let bucket = from; bucket <= to; bucket += 1) found.add(bucket);
  }
  return [...found].toSorted((one, other) => one - other);
}

/** Buckets of 256; any share above 0 is at least one. */
export function sharedOf(text: string): number {
  const [, digits = ''] = /^(\d{1,3}(?:\.\d+)?)\s*%?$/.exec(text.trim()) ?? [];
  const percent = Number(digits);
  if (digits === '' || percent <= 0 || percent > 100)
    throw usageError(`"${text}" is no share; write e.g. 5%`);
  return Math.max(1, Math.round((percent / 100) * 256));
}

/** @returns milliseconds */
export function withinMs(text: string): number {
  const read = duration.safeParse(text);
  if (!read.success || read.data <= 0) throw usageError(`"${text}" is no time; write e.g. 5s`);
  return read.data;
}

async function bucketOfKey(plan: CutoverPlan, key: readonly string[]): Promise<number> {
  const pool = openSide(plan, 'monolith', { part: 'move', max: 1 });
  try {
    const { rows } = await pool.query<{ bucket: number }>(
      `select (hashtextextended(array_to_string($1::text[], chr(31)) collate "C", 0) & 255)::int4 as bucket`,
      [key],
    );
    return rows[0]?.bucket ?? 0;
  } finally {
    await pool.end();
  }
}
