import { randomBytes } from 'node:crypto';
import type { Queryable } from '../backfill/catalog.ts';

/** How rows are hashed inside the databases, best first. */
export const digestMethods = ['record', 'text', 'md5'] as const;
export type DigestMethod = (typeof digestMethods)[number];

export interface Digest {
  readonly method: DigestMethod;
  /** bigint as text; another one for each verification, so that what one hides the next one sees. */
  readonly seed: string;
}

const hashes: Readonly<Record<DigestMethod, (row: string, seed: string) => string>> = {
  record: (row, seed) => `hash_record_extended(${row}, '${seed}'::bigint)`,
  text: (row, seed) => `hashtextextended(${row}::text collate "C", '${seed}'::bigint)`,
  md5: (row, seed) => `('x' || left(md5('${seed}' || ${row}::text), 16))::bit(64)::bigint`,
};

/** SQL of a row's 64-bit hash over columns; NULL, '' and a value that moved to its neighbour all differ. */
export function rowHash({ method, seed }: Digest, columns: readonly string[]): string {
  return hashes[method](`row(${columns.join(', ')})`, seed);
}

export function randomSeed(): string {
  return randomBytes(8).readBigInt64BE().toString();
}

// One of each kind that is hashed in its own form, with the values that are known to part implementations.
const vector = [
  `'7'::int2`,
  `'-1'::int4`,
  `int8send(-9007199254740993)`,
  `true`,
  `date '2024-02-29'`,
  `timestamp_send('2024-02-29 23:59:59.999999')`,
  `timestamptz_send('infinity')`,
  `numeric_send('NaN')`,
  `numeric_send('1.50')`,
  `float8send('-0')`,
  `uuid_send('3b1f7e0c-0b5d-4a2e-9d58-0d9a4d1c2b3a')`,
  `'äßё漢🌳'::text`,
  `''::text`,
  `null::text`,
  `'\\x00ff'::bytea`,
];

/**
 * The best method that both databases compute alike: a test vector is hashed on both. Versions and platforms may differ in
 * their hash functions (record hashes came with PostgreSQL 14); md5 is the same everywhere.
 * @throws an Error where even md5 differs: the encodings do
 */
export async function chooseDigest(owner: Queryable, follower: Queryable): Promise<Digest> {
  const seed = randomSeed();
  for (const method of digestMethods) {
    const sql = `select ${rowHash({ method, seed }, vector)} as hash`;
    const [mine, theirs] = await Promise.all([hashOf(owner, sql), hashOf(follower, sql)]);
    if (mine !== undefined && mine === theirs) return { method, seed };
  }
  throw new Error('the two databases hash the same values differently: their encodings must both be UTF8');
}

async function hashOf(db: Queryable, sql: string): Promise<string | undefined> {
  try {
    return (await db.query<{ hash: string }>(sql)).rows[0]?.hash;
  } catch {
    // No such function there: the next method is asked.
    return undefined;
  }
}
