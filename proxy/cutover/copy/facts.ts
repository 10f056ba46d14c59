import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import { openSide } from '../database.ts';
import type { CutoverPlan } from '../plan.types.ts';

/** What one database says of a copy, with no mover to ask. */
export interface CopyFacts {
  readonly side: Side;
  /** Why nothing can be said; then the lists are empty. */
  readonly problem: string | undefined;
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
  where r.dataset_id = d.dataset_id order by r.run_id desc limit 1) r on true
where d.name = any($1::text[]) order by d.dataset_id`;

export async function readCopyFacts(plan: CutoverPlan): Promise<CopyFacts[]> {
  return Promise.all((['monolith', 'service'] as const).map((side) => oneSide(plan, side)));
}

async function oneSide(plan: CutoverPlan, side: Side): Promise<CopyFacts> {
  const pool = openSide(plan, side, { part: 'status', max: 1 });
  try {
    const groups = await pool.query<Nullable<GroupFacts>>(groupsSql, [plan.groups.map(({ name }) => name)]);
    const names = plan.groups.flatMap(({ datasets }) => datasets.map(({ name }) => name));
    const datasets = await pool.query<Nullable<DatasetFacts>>(datasetsSql, [names]);
    return {
      side,
      problem: undefined,
      groups: groups.rows.map((row) => ({
        ...row,
        capture: row.capture ?? undefined,
        behindMs: row.behindMs ?? undefined,
      })),
      datasets: datasets.rows.map((row) => ({ ...row, run: row.run ?? undefined })),
    };
  } catch (error) {
    const state = Error.isError(error) && 'code' in error ? String(error.code) : '';
    const isAbsent = ['3F000', '42P01', '28P01', '28000'].includes(state);
    const problem = isAbsent
      ? 'nothing is installed: banyan cutover install'
      : `cannot be read: ${messageOf(error)}`;
    return { side, problem, groups: [], datasets: [] };
  } finally {
    await pool.end();
  }
}

/** SQL's null at the edge. */
type Nullable<Row> = {
  readonly [Name in keyof Row]: undefined extends Row[Name]
    ? Exclude<Row[Name], undefined> | null
    : Row[Name];
};
