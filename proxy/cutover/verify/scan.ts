import type { Stretch } from './blocks.ts';
import { readStretches } from './blocks.ts';
import { withinFilter, type ComparedSide } from './compared.ts';
import type { Cut } from './cut.ts';
import { rowHash, type Digest } from './digest.ts';

/** Rows and the sum of their hashes, by number of the shard. */
export type ShardDigests = Map<number, { rows: number; sum: bigint }>;

export interface Scan {
  readonly side: ComparedSide;
  readonly cut: Cut;
  readonly digest: Digest;
  /** A power of two. */
  readonly shards: number;
  readonly signal: AbortSignal;
  /** After each part. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

/** 64 MiB: a second or so of work. */
const blocksOfStretch = 8_192;

/** The shard of a row: by the hash of the follower's key, so that both sides agree however each sorts its keys. */
function shardOf({ side, digest, shards }: Scan): string {
  return `(${rowHash(digest, [`(${side.followerKey})::text`])} & ${shards - 1})::int4`;
}

/** Digests of all shards, in one pass over the table by all connections of the cut. */
export async function scanDigests(scan: Scan): Promise<ShardDigests> {
  const digests: ShardDigests = new Map();
  const hash = rowHash(scan.digest, scan.side.hashed);
  await overStretches(scan, async (connection, { relation, condition }) => {
    const { rows } = await connection.query<{ shard: number; rows: string; sum: string }>(
      `select shard, count(*) as rows, sum(hash) as sum
       from (select ${shardOf(scan)} as shard, ${hash} as hash from ${relation}
         where ${condition} and ${withinFilter(scan.side)}) as hashed group by shard`,
    );
    let all = 0;
    for (const row of rows) {
      const into = digests.get(row.shard) ?? { rows: 0, sum: 0n };
      into.rows += Number(row.rows);
      into.sum += BigInt(row.sum);
      digests.set(row.shard, into);
      all += Number(row.rows);
    }
    scan.onRows?.(all);
  });
  return digests;
}

/** A row by both keys, and the hash of its compared columns. */
export interface HashedRow {
  readonly ownerKey: readonly string[];
  readonly followerKey: readonly string[];
  readonly hash: string;
}

/** The rows of some shards, in one more pass. The caller bounds how many these are. */
export async function scanRows(scan: Scan, shards: readonly number[]): Promise<HashedRow[]> {
  const found: HashedRow[] = [];
  const hash = rowHash(scan.digest, scan.side.hashed);
  await overStretches(scan, async (connection, { relation, condition }) => {
    const { rows } = await connection.query<HashedRow>(
      `select ${scan.side.ownerKey} as "ownerKey", ${scan.side.followerKey} as "followerKey", ${hash} as hash
       from ${relation} where ${condition} and ${withinFilter(scan.side)} and ${shardOf(scan)} = any($1::int4[])`,
      [shards],
    );
    for (const row of rows) found.push(row);
  });
  return found;
}

async function overStretches(
  { side, cut, signal }: Scan,
  work: (connection: Cut['connections'][number], stretch: Stretch) => Promise<void>,
): Promise<void> {
  const [first] = cut.connections;
  if (first === undefined) throw new Error('a cut has at least one connection');
  const open = await readStretches(first, side.table, blocksOfStretch);
  const ends = await Promise.allSettled(
    cut.connections.map(async (connection) => {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        signal.throwIfAborted();
        await work(connection, next);
      }
    }),
  );
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
