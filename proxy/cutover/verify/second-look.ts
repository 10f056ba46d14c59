import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../backfill/catalog.ts';
import { readPairs, sameValues, type Pair, type RowName, type RowValues } from './by-key.ts';
import type { Compared } from './compared.ts';

export interface LookOptions {
  readonly pools: { readonly owner: Queryable; readonly follower: Queryable };
  readonly compared: Compared;
  readonly signal: AbortSignal;
  /** Longer than a change takes to the follower. Milliseconds. */
  readonly pauseMs: number;
  readonly looks: number;
}

export interface Looked {
  /** The owner's row stood still and the follower still had another. */
  readonly differ: readonly Pair[];
  /** Rows that the owner changed between any two looks and that were never seen to agree. */
  readonly moving: number;
}

const batch = 5_000;

/**
 * Looks at rows again that were found to differ while both sides were being written to. A row counts as the same as soon as
 * the follower has anything that the owner had at an earlier look: it lies behind, no more. It differs when the owner did not
 * change it over the pause and the follower has something else still.
 */
export async function lookAgain(names: readonly RowName[], options: LookOptions): Promise<Looked> {
  const { pools, compared, signal, pauseMs, looks } = options;
  const differ: Pair[] = [];
  let moving = 0;
  for (let from = 0; from < names.length; from += batch) {
    let open = (await readPairs(pools, compared, names.slice(from, from + batch)))
      .filter(isUnequal)
      .map((pair) => ({ pair, had: new Set([fingerprint(pair.owner)]) }));
    for (let look = 1; open.length > 0 && look < looks; look += 1) {
      await delay(pauseMs, undefined, { signal });
      const pairs = await readPairs(
        pools,
        compared,
        open.map(({ pair }) => pair.name),
      );
      open = open.flatMap(({ pair, had }, index) => {
        const now = pairs[index] ?? pair;
        if (!isUnequal(now) || had.has(fingerprint(now.follower))) return [];
        if (sameValues(pair.owner, now.owner)) {
          differ.push(now);
          return [];
        }
        return [{ pair: now, had: had.add(fingerprint(now.owner)) }];
      });
    }
    moving += open.length;
  }
  return { differ, moving };
}

function isUnequal({ owner, follower }: Pair): boolean {
  return !sameValues(owner, follower);
}

function fingerprint(values: RowValues | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(values ?? 'no row'))
    .digest('base64');
}
