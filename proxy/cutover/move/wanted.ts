import type { Pool } from 'pg';
import { stages, stageTable, type Side, type Stage } from '#flags/stages.ts';
import { bothSides } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import type { MoveOptions } from './move.types.ts';
import { openPools } from './move.ts';
import { readStandings, type BucketStanding, type SidePools } from './read-facts.ts';
import { readWishes } from './wishes.ts';

/** One call of `moveBuckets` that brings fact nearer to wish. */
export type WantedMove = Required<Pick<MoveOptions, 'group' | 'to' | 'buckets' | 'checks'>>;

/**
 * What is to be moved so that every bucket is where the stage or a command wants it, and nothing is left half done.
 * Buckets whose two sides contradict each other are left to whoever is alarmed by them.
 */
export async function wantedMoves(plan: CutoverPlan, stage: Stage): Promise<WantedMove[]> {
  const pools = openPools(plan, 1);
  try {
    return await wantedFrom({ plan, pools }, stage);
  } finally {
    await closePools(pools);
  }
}

/** The same by connections that are there. */
export async function wantedFrom(
  { plan, pools }: { readonly plan: CutoverPlan; readonly pools: SidePools },
  stage: Stage,
): Promise<WantedMove[]> {
  const wanted: WantedMove[] = [];
  for (const { name: group } of plan.groups) {
    const wishes = await readWishes(pools.monolith, group, {
      at: stage,
      stillHolds: (madeAt) => stillHolds(madeAt, stage),
    });
    const found = await readStandings(pools, group);
    for (const to of bothSides) {
      const due = found.filter(({ bucket, stands }) => {
        const wish = wishes.get(bucket) ?? stageTable[stage].writes;
        return wish === to && isDue(stands, to);
      });
      if (due.length > 0) {
        const refilled = await refilledBuckets(pools[to], group);
        wanted.push(...byChecks({ group, to, due, refilled }));
      }
    }
  }
  return wanted;
}

export async function closePools(pools: SidePools): Promise<void> {
  await Promise.all(bothSides.map((side) => pools[side].end()));
}

function isDue(stands: BucketStanding['stands'], to: Side): boolean {
  if (stands.kind === 'undecided' || stands.kind === 'aborted') return true;
  return stands.kind === 'at-rest' && stands.owner !== to;
}

/**
 * Buckets that the side was filled with by a backfill since it last gave them up: its copy had a gap, and a backfill leaves
 * rows alone that are there. What changed or went in the gap is mended by the comparison after it, and by nothing before that.
 */
async function refilledBuckets(pool: Pool, group: string): Promise<ReadonlySet<number>> {
  const { rows } = await pool.query<{ bucket: number }>(
    `select b.bucket from banyan.groups g join banyan.buckets b using (group_id) where g.name = $1 and coalesce(
         (select max(r.closed_at) from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
           where d.group_id = g.group_id and r.purpose = 'backfill')
         > coalesce((select a.at from banyan.audit a where a.group_name = g.name and a.bucket = b.bucket and a.action = 'fence'
             order by a.audit_id desc limit 1), '-infinity'), false)`,
    [group],
  );
  return new Set(rows.map(({ bucket }) => bucket));
}

/**
 * What is half done is ended whatever else is wrong; a side that owned a bucket before may have it back unverified, unless
 * its copy was made anew since.
 */
function byChecks({
  group,
  to,
  due,
  refilled,
}: {
  readonly group: string;
  readonly to: Side;
  readonly due: readonly BucketStanding[];
  readonly refilled: ReadonlySet<number>;
}): WantedMove[] {
  const checksOf = ({ bucket, stands, facts }: BucketStanding): WantedMove['checks'] => {
    if (stands.kind !== 'at-rest') return 'none';
    return facts[to].fencedAt > 0 && !refilled.has(bucket) ? 'safe' : 'all';
  };
  return (['none', 'safe', 'all'] as const).flatMap((checks) => {
    const buckets = due.filter((one) => checksOf(one) === checks).map(({ bucket }) => bucket);
    return buckets.length === 0 ? [] : [{ group, to, buckets, checks }];
  });
}

/** A command's wish ends when the flag goes back from where it was made, or to a stage that writes elsewhere. */
export function stillHolds(madeAt: Stage, stage: Stage): boolean {
  return (
    stageTable[madeAt].writes === stageTable[stage].writes && stages.indexOf(stage) >= stages.indexOf(madeAt)
  );
}
