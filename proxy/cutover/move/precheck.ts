import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import { bothSides, otherSide } from '../plan.ts';
import { completedObstacles } from './completed.ts';
import type { MoveObstacle, Obstacle } from './move.types.ts';
import { readStandings, type SidePools } from './read-facts.ts';
import { describeStanding } from './describe-standing.ts';

export interface PrecheckOptions {
  readonly pools: SidePools;
  readonly group: string;
  readonly to: Side;
  readonly buckets: readonly number[];
  /** Whether the last comparison of everything must have found both sides equal. */
  readonly verified: boolean;
  /** A change of either side must reach the other within this time, in milliseconds. */
  readonly lateMs: number;
}

export interface Precheck {
  readonly obstacles: readonly MoveObstacle[];
  /** How long a change of the old owner takes to the new one now; `undefined`: longer than is allowed. */
  readonly carriedMs: number | undefined;
}

/** What stands in the way of a move, all of it at once. Changes nothing. */
export async function precheck(options: PrecheckOptions): Promise<Precheck> {
  const { pools, group, to, lateMs } = options;
  try {
    // All else that stands in the way then follows from it.
    const over = await completedObstacles(pools, group);
    if (over.length > 0) return { obstacles: over, carriedMs: undefined };
    const found = [
      ...(await standingObstacles(options)),
      ...(await Promise.all(bothSides.map((side) => captureObstacles(pools[side], side, group)))).flat(),
      ...(await copyObstacles(options)),
    ];
    if (found.some(({ code }) => code === 'not-installed')) return { obstacles: found, carriedMs: undefined };
    const [there, back] = await Promise.all([
      carriedWithin(pools[otherSide(to)], pools[to], { group, lateMs }),
      carriedWithin(pools[to], pools[otherSide(to)], { group, lateMs }),
    ]);
    const late = (from: Side): MoveObstacle =>
      obstacle(
        'stream-late',
        `what is written on the ${from} did not reach the ${otherSide(from)} within ${lateMs} ms: is a mover running? (banyan cutover status)`,
      );
    return {
      obstacles: [
        ...found,
        ...(there === undefined ? [late(otherSide(to))] : []),
        ...(back === undefined ? [late(to)] : []),
      ],
      carriedMs: there,
    };
  } catch (error) {
    return {
      obstacles: [obstacle('unreachable', `a side can't be read: ${messageOf(error)}`)],
      carriedMs: undefined,
    };
  }
}

function obstacle(code: Obstacle, message: string): MoveObstacle {
  return { code, message };
}

async function standingObstacles({ pools, group, buckets }: PrecheckOptions): Promise<MoveObstacle[]> {
  const found = await readStandings(pools, group, buckets);
  const missing = buckets.filter((bucket) => !found.some((one) => one.bucket === bucket));
  return [
    ...(missing.length === 0
      ? []
      : [obstacle('not-installed', `buckets ${missing.join(', ')} of group ${group} are not on both sides`)]),
    ...found.flatMap(({ bucket, stands, facts }) =>
      stands.kind === 'split' || stands.kind === 'unknown'
        ? [obstacle('unclear', `bucket ${bucket}: ${describeStanding(stands, facts)}`)]
        : [],
    ),
  ];
}

async function captureObstacles(pool: Pool, side: Side, group: string): Promise<MoveObstacle[]> {
  const { rows } = await pool.query<{ stopped: string | null }>(
    'select capture_stopped as stopped from banyan.groups where name = $1',
    [group],
  );
  const [row] = rows;
  if (row === undefined) return [obstacle('not-installed', `group ${group} is not on the ${side}`)];
  return row.stopped === null
    ? []
    : [obstacle('capture-stopped', `writes of the ${side} are not captured: ${row.stopped}`)];
}

interface CopyRow {
  readonly dataset: string;
  /** State of the last copy into the new owner. */
  readonly run: string | null;
  readonly closed_at: string | null;
  readonly parked: number;
}

/**
 * The new owner has everything of those buckets: it was copied whole and followed since, or it owned them before. What is
 * parked is missing in it.
 */
async function copyObstacles({ pools, group, to, buckets, verified }: PrecheckOptions) {
  const { rows } = await pools[to].query<CopyRow>(
    `select d.name as dataset, r.state as run, r.closed_at,
       (select count(*)::int4 from banyan.parked p where p.dataset_id = d.dataset_id and p.bucket = any($2)) as parked
     from banyan.datasets d join banyan.groups g using (group_id)
     left join lateral (select state, closed_at from banyan.backfill_runs r where r.dataset_id = d.dataset_id
       order by (state = 'open') desc, (purpose = 'backfill') desc, run_id desc limit 1) r on true
     where g.name = $1 order by d.dataset_id`,
    [group, buckets],
  );
  const { rows: never } = await pools[to].query<{ never: boolean }>(
    `select exists (select from banyan.buckets b join banyan.groups g using (group_id)
       where g.name = $1 and b.bucket = any($2) and b.state <> 'owner' and b.fenced_at = 0) as never`,
    [group, buckets],
  );
  const isNew = never[0]?.never === true;
  const found: MoveObstacle[] = rows.flatMap(({ dataset, run, parked }) => [
    ...(run === 'open' ? [obstacle('copy-open', `${dataset} is still being copied to the ${to}`)] : []),
    ...((run === null && isNew) || run === 'abandoned'
      ? [obstacle('not-copied', `${dataset} was not copied to the ${to}`)]
      : []),
    ...(parked > 0
      ? [
          obstacle(
            'parked',
            `${parked} changes of ${dataset} could not be applied on the ${to}: banyan cutover parked list`,
          ),
        ]
      : []),
  ]);
  return verified ? [...found, ...(await verifiedObstacles(pools, group, to))] : found;
}

/** The last comparison of everything, since the copy was made; and what the continuous one has found since. */
export async function verifiedObstacles(pools: SidePools, group: string, to: Side): Promise<MoveObstacle[]> {
  const { rows } = await pools[to].query<{ differences: string | null; found: number }>(
    `select (select v.differences from banyan.verifications v where v.group_name = $1
         and v.at > coalesce((select max(r.closed_at) from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
           join banyan.groups g using (group_id) where g.name = $1 and r.purpose = 'backfill'), '-infinity')
         order by v.verification_id desc limit 1) as differences,
       (select count(*)::int4 from banyan.verify_findings f join banyan.datasets d using (dataset_id)
         join banyan.groups g using (group_id) where g.name = $1) as found`,
    [group],
  );
  const { differences = null, found = 0 } = rows[0] ?? {};
  const mend = 'banyan cutover repair, then banyan cutover verify';
  const said =
    differences === null
      ? 'the two sides were not compared since the copy was made: banyan cutover verify'
      : differences !== '0'
        ? `rows that differed at the last comparison: ${differences}: ${mend}`
        : found > 0
          ? `rows that differ, found by the continuous comparison: ${found}: ${mend}`
          : undefined;
  return said === undefined ? [] : [obstacle('not-verified', said)];
}

/**
 * How long it takes until one side has all that the other has committed: what a canary row would show, without writing one
 * into the application's tables.
 * @returns milliseconds
 */
export async function carriedWithin(
  from: Pool,
  to: Pool,
  { group, lateMs }: { readonly group: string; readonly lateMs: number },
): Promise<number | undefined> {
  const began = performance.now();
  const { rows } = await from.query<{ seen: string }>('select pg_current_snapshot()::text as seen');
  for (;;) {
    const { rows: answer } = await to.query<{ there: boolean }>(
      'select banyan.reached($1, $2::pg_snapshot) as there',
      [group, rows[0]?.seen],
    );
    const took = performance.now() - began;
    if (answer[0]?.there === true) return took;
    if (took > lateMs) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
