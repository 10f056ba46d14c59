import { messageOf } from '#shared/errors/message.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { describeStanding } from './describe-standing.ts';
import { openPools } from './move.ts';
import { readStandings } from './read-facts.ts';
import { closePools } from './wanted.ts';

/** Buckets of a group that stand alike, and why. */
export interface Ownership {
  readonly group: string;
  readonly buckets: readonly number[];
  readonly what: string;
}

/** Where each bucket stands, from the two databases alone; those that stand alike together. */
export async function readOwnership(plan: CutoverPlan): Promise<Ownership[]> {
  const pools = openPools(plan, 1);
  try {
    const found: Ownership[] = [];
    for (const { name: group } of plan.groups) {
      const alike = new Map<string, number[]>();
      for (const { bucket, stands, facts } of await readStandings(pools, group)) {
        const what =
          stands.kind === 'at-rest' ? `owned by the ${stands.owner}` : describeStanding(stands, facts);
        alike.set(what, [...(alike.get(what) ?? []), bucket]);
      }
      found.push(...[...alike].map(([what, buckets]) => ({ group, buckets, what })));
    }
    return found;
  } catch (error) {
    return [{ group: '', buckets: [], what: `who owns what can't be told: ${messageOf(error)}` }];
  } finally {
    await closePools(pools);
  }
}
