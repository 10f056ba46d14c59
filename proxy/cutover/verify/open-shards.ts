import type { RowName } from './by-key.ts';
import { scanRows, type HashedRow, type Scan, type ShardDigests } from './scan.ts';

/** Shards whose number of rows or sum differs, with the most rows that either side has in them. */
export function differingShards(
  owner: ShardDigests,
  follower: ShardDigests,
): { readonly shard: number; readonly rows: number }[] {
  const none = { rows: 0, sum: 0n };
  return [...new Set([...owner.keys(), ...follower.keys()])]
    .sort((a, b) => a - b)
    .flatMap((shard) => {
      const [mine, theirs] = [owner.get(shard) ?? none, follower.get(shard) ?? none];
      const same = mine.rows === theirs.rows && mine.sum === theirs.sum;
      return same ? [] : [{ shard, rows: Math.max(mine.rows, theirs.rows) }];
    });
}

export interface Opened {
  readonly rows: readonly RowName[];
  readonly unopened: number;
}

/** Rows in memory for one pass, on each side. */
const rowsOfPass = 100_000;

/**
 * Finds the rows that differ in the shards that differ. Each pass opens as many shards as fit into memory; it ends when
 * `enough` rows are found, and gives all that were.
 */
export async function openShards(
  scans: { readonly owner: Scan; readonly follower: Scan },
  shards: readonly { readonly shard: number; readonly rows: number }[],
  enough: number,
): Promise<Opened> {
  const found: RowName[] = [];
  const open = [...shards];
  while (open.length > 0 && found.length < enough) {
    const pass: number[] = [];
    for (let rows = 0; open[0] !== undefined && (pass.length === 0 || rows + open[0].rows <= rowsOfPass);) {
      rows += open[0].rows;
      pass.push(open[0].shard);
      open.shift();
    }
    const [mine, theirs] = await Promise.all([scanRows(scans.owner, pass), scanRows(scans.follower, pass)]);
    for (const row of unlikeRows(mine, theirs)) found.push(row);
  }
  return { rows: found, unopened: open.length };
}

function* unlikeRows(owner: readonly HashedRow[], follower: readonly HashedRow[]): Generator<RowName> {
  const theirs = new Map(follower.map((row) => [JSON.stringify(row.followerKey), row]));
  for (const row of owner) {
    const key = JSON.stringify(row.followerKey);
    if (theirs.get(key)?.hash !== row.hash) yield row;
    theirs.delete(key);
  }
  yield* theirs.values();
}
