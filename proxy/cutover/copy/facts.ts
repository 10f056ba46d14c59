import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { readOutbox } from '../stream/outbox-watch.ts';
import { beforeAll } from '../stream/snapshot.ts';
import { otherSide } from '../plan.ts';
import { sideProblem } from './side-problem.ts';

/** What one database says of a copy, with no mover to ask. */
export interface CopyFacts {
  readonly side: Side;
  /** Why nothing can be said; then the lists are empty. */
  readonly problem: string | undefined;
  /** Of its outbox with all partitions. */
  readonly outboxBytes: number;
  readonly groups: readonly GroupFacts[];
  readonly datasets: readonly DatasetFacts[];
}

export interface GroupFacts {
  readonly group: string;
  /** Buckets by state. */
  readonly owned: number;
  readonly fenced: number;
  readonly followed: number;
  /** The highest of its buckets. */
  readonly epoch: string;
  /** Why writes are not captured; `undefined`: they are. */
  readonly capture: string | undefined;
  readonly parked: number;
  /** Changes captured here that the other side does not have yet, counted up to 100,000; `undefined`: it can't be asked. */
  readonly waiting: number | undefined;
  /** How long ago the position of the stream to here was moved, milliseconds; `undefined`: none came yet. */
  readonly behindMs: number | undefined;
}

export interface DatasetFacts {
  readonly dataset: string;
  /** State of the last backfill into it; `undefined`: none. */
  readonly run: string | undefined;
  readonly rows: string;
}

const groupsSql = `
select g.name as "group", count(*) filter (where b.state = 'owner')::int4 as owned,
  count(*) filter (where b.state = 'fenced')::int4 as fenced,
  count(*) filter (where b.state = 'follower')::int4 as followed, max(b.epoch)::text as epoch,
  g.capture_stopped as capture,
  (select count(*)::int4 from banyan.parked p join banyan.datasets d using (dataset_id) where d.group_id = g.group_id) as parked,
  (select (extract(epoch from clock_timestamp() - p.moved_at) * 1000)::int4 from banyan.positions p
    where p.group_name = g.name) as "behindMs"
from banyan.groups g join banyan.buckets b using (group_id) where g.name = any($1::text[])
group by g.group_id order by g.name`;

const datasetsSql = `
select d.name as dataset, r.state as run, coalesce(r.rows_copied, 0)::text as rows
from banyan.datasets d left join lateral (select state, rows_copied from banyan.backfill_runs r
  where r.dataset_id = d.dataset_id and r.purpose = 'backfill' order by r.run_id desc limit 1) r on true
where d.name = any($1::text[]) order by d.dataset_id`;

export async function readCopyFacts(plan: CutoverPlan): Promise<CopyFacts[]> {
  const sides = await Promise.all((['monolith', 'service'] as const).map((side) => oneSide(plan, side)));
  const isWhole = sides.every(({ problem }) => problem === undefined);
  return isWhole ? Promise.all(sides.map((facts) => withWaiting(plan, facts))) : sides;
}

async function withWaiting(plan: CutoverPlan, facts: CopyFacts): Promise<CopyFacts> {
  const [here, there] = [facts.side, otherSide(facts.side)].map((side) =>
    openSide(plan, side, { part: 'status', max: 1 }),
  );
  if (here === undefined || there === undefined) return facts;
  try {
    const positions = await there.query<{ group: string; snapshot: string; lastSeq: string }>(
      'select group_name as "group", snapshot::text, last_seq::text as "lastSeq" from banyan.positions',
    );
    const ids = await here.query<{ group: string; groupId: number }>(
      'select name as "group", group_id as "groupId" from banyan.groups',
    );
    let outboxBytes = 0;
    const groups: GroupFacts[] = [];
    for (const one of facts.groups) {
      const groupId = ids.rows.find(({ group }) => group === one.group)?.groupId ?? 0;
      const position = positions.rows.find(({ group }) => group === one.group) ?? {
        snapshot: beforeAll,
        lastSeq: '0',
      };
      const { bytes, pendingRows } = await readOutbox({ pool: here, groupId, position });
      outboxBytes = bytes;
      groups.push({ ...one, waiting: pendingRows });
    }
    return { ...facts, outboxBytes, groups };
  } finally {
    await Promise.all([here.end(), there.end()]);
  }
}

async function oneSide(plan: CutoverPlan, side: Side): Promise<CopyFacts> {
  const pool = openSide(plan, side, { part: 'status', max: 1 });
  try {
    const problem = await otherInstallation(pool, plan, side);
    if (problem !== undefined) return { side, problem, outboxBytes: 0, groups: [], datasets: [] };
    const groups = await pool.query<Nullable<Omit<GroupFacts, 'waiting'>>>(groupsSql, [
      plan.groups.map(({ name }) => name),
    ]);
    const names = plan.groups.flatMap(({ datasets }) => datasets.map(({ name }) => name));
    const datasets = await pool.query<Nullable<DatasetFacts>>(datasetsSql, [names]);
    return {
      side,
      problem: undefined,
      outboxBytes: 0,
      groups: groups.rows.map((row) => ({
        ...row,
        capture: row.capture ?? undefined,
        waiting: undefined,
        behindMs: row.behindMs ?? undefined,
      })),
      datasets: datasets.rows.map((row) => ({ ...row, run: row.run ?? undefined })),
    };
  } catch (error) {
    return { side, problem: sideProblem(error, { plan, side }), outboxBytes: 0, groups: [], datasets: [] };
  } finally {
    await pool.end();
  }
}

/** A database that serves another migration, or the other side. */
async function otherInstallation(pool: Pool, plan: CutoverPlan, side: Side): Promise<string | undefined> {
  const { rows } = await pool.query<{ migration: string; side: string }>(
    'select migration, side from banyan.installation',
  );
  const [there] = rows;
  if (there === undefined) return 'the installation was not finished: banyan cutover install';
  if (there.migration === plan.migration && there.side === side) return undefined;
  return `is installed as the ${there.side} of ${there.migration}, not as the ${side} of ${plan.migration}: correct migrations.${plan.migration}.data.${side}.url, or end that migration with banyan cutover uninstall`;
}

/** SQL's null at the edge. */
type Nullable<Row> = {
  readonly [Name in keyof Row]: undefined extends Row[Name]
    ? Exclude<Row[Name], undefined> | null
    : Row[Name];
};
