import type { Side } from '#flags/stages.ts';
import { bothSides, otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { rangesOf } from '../ranges.ts';
import { isCompleteSql } from './completed.ts';
import { describeStanding } from './describe-standing.ts';
import { openPools } from './move.ts';
import { verifiedObstacles } from './precheck.ts';
import { readStandings, type SidePools } from './read-facts.ts';
import { stillNeeded } from './still-needed.ts';
import { closePools } from './wanted.ts';

export interface CompletionOptions {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  /** What else still reads the copy on the other side, each a sentence; from the configuration. */
  readonly stillRead: readonly string[];
}

/** What forbids to give the way back up; empty: nothing. Changes nothing. @throws where a side can't be read */
export async function completionObstacles({ plan, owner, stillRead }: CompletionOptions): Promise<string[]> {
  const pools = openPools(plan, 1);
  const left = otherSide(owner);
  try {
    const found = [...stillRead, ...(await upgradesMissing(pools))];
    for (const { name: group } of plan.groups) {
      found.push(...(await standingOf({ pools, group, owner })));
      found.push(...(await captureOf(pools, group, owner)));
      found.push(
        ...(await verifiedObstacles(pools, group, left)).map(({ message }) => `group ${group}: ${message}`),
      );
      const { rows } = await pools[left].query<{ parked: number; moved: boolean }>(
        `select (select count(*)::int4 from banyan.parked p join banyan.datasets d using (dataset_id) join banyan.groups g using (group_id)
             where g.name = $1) as parked,
           coalesce((select max(at) from banyan.audit where group_name = $1)
             > (select max(at) from banyan.verifications where group_name = $1), false) as moved`,
        [group],
      );
      if ((rows[0]?.parked ?? 0) > 0)
        found.push(
          `group ${group}: changes parked on the ${left}: ${rows[0]?.parked}: banyan cutover parked list`,
        );
      if (rows[0]?.moved === true)
        found.push(
          `group ${group}: the two sides were not compared since its last move: banyan cutover verify`,
        );
    }
    return [...found, ...(await stillNeeded(plan, left)).foreignKeys];
  } finally {
    await closePools(pools);
  }
}

/** Buckets that stand alike in one line: a group may have 256. */
async function standingOf({
  pools,
  group,
  owner,
}: {
  readonly pools: SidePools;
  readonly group: string;
  readonly owner: Side;
}): Promise<string[]> {
  const alike = new Map<string, number[]>();
  for (const { bucket, stands, facts } of await readStandings(pools, group)) {
    if (stands.kind === 'at-rest' && stands.owner === owner) continue;
    const what = stands.kind === 'at-rest' ? `the ${stands.owner} owns it` : describeStanding(stands, facts);
    alike.set(what, [...(alike.get(what) ?? []), bucket]);
  }
  return [...alike].map(([what, buckets]) => `group ${group}, bucket ${rangesOf(buckets)}: ${what}`);
}

/** Where the owner's writes are not captured, the copy lacks them; nobody knows for how long it has. */
async function captureOf(pools: SidePools, group: string, owner: Side): Promise<string[]> {
  const { rows } = await pools[owner].query<{ stopped: string | null }>(
    `select case when not ${isCompleteSql('g')} then capture_stopped end as stopped from banyan.groups g where name = $1`,
    [group],
  );
  const [row] = rows;
  if (row === undefined) return [`group ${group} is not installed on the ${owner}: banyan cutover install`];
  return row.stopped === null
    ? []
    : [
        `group ${group}: writes of the ${owner} are not captured (${row.stopped}), so the copy back lacks them: banyan cutover status says what to do`,
      ];
}

async function upgradesMissing(pools: SidePools): Promise<string[]> {
  const found = await Promise.all(
    bothSides.map(async (side) => {
      const { rows } = await pools[side].query<{ there: boolean }>(
        `select exists (select from pg_proc where pronamespace = 'banyan'::regnamespace and proname = 'complete_groups') as there`,
      );
      return rows[0]?.there === true ? [] : [`the ${side} has an older installation: banyan cutover upgrade`];
    }),
  );
  return found.flat();
}
