import type { ClientBase } from 'pg';
import { messageOf } from '#shared/errors/message.ts';
import { sqlStateOf } from './failures.ts';
import { lockForApply } from './locks.ts';
import { settleMarkers } from './markers.ts';
import { tryInSavepoint } from './savepoint.ts';
import type { TargetDataset, TargetGroup } from './target-group.ts';

/** Parked changes that one round tries. */
const atOnce = 500;
/** Seconds between two tries of one change: twice as long each time, up to this. */
const longestWait = 600;

interface ParkedRow {
  readonly parked_id: string;
  readonly dataset: string;
  readonly bucket: number;
  readonly epoch: string;
  readonly seq: string;
  readonly deleted: boolean;
  readonly row_values: string;
}

export interface Retried {
  /** Applied, or given up because a later version has come or the bucket was given up. */
  readonly done: number;
  readonly stillParked: number;
}

/**
 * Tries parked changes again, in their order, in a transaction of its own.
 * @param which `due`: those whose wait is over, so that a change that only came too early (the row it refers to comes
 * later) heals by itself; else the parked ids, or all
 */
export async function retryParked(
  client: ClientBase,
  target: TargetGroup,
  which: 'due' | 'all' | readonly string[],
): Promise<Retried> {
  await client.query('begin');
  try {
    const found = await select(client, target, which);
    await lockForApply(client, target, {
      datasets: new Set(found.map(({ dataset }) => dataset)),
      buckets: new Set(found.map(({ bucket }) => bucket)),
    });
    // What was overtaken meanwhile is gone from the table, and can't come back from our memory.
    const rows = await stillThere(client, found);
    let done = 0;
    let open: readonly ParkedRow[] = rows;
    // One that is applied may be what another waits for: go round for as long as that helps.
    for (let before = -1; open.length > 0 && before !== open.length;) {
      before = open.length;
      const left = [];
      for (const row of open) if (!(await retryOne(client, target, row))) left.push(row);
      done += open.length - left.length;
      open = left;
    }
    if (open.length > 1 && target.deferrable) {
      const left = await retryTogether(client, target, open);
      done += open.length - left.length;
      open = left;
    }
    await client.query(
      `update banyan.parked set attempts = attempts + 1,
         due_at = clock_timestamp() + make_interval(secs => least($2, power(2, least(attempts, 20))))
       where parked_id = any($1::bigint[])`,
      [open.map((row) => row.parked_id), longestWait],
    );
    if (done > 0) await settleMarkers(client, target.groupId);
    await client.query('commit');
    return { done, stillParked: open.length };
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    throw cause;
  }
}

async function select(
  client: ClientBase,
  target: TargetGroup,
  which: 'due' | 'all' | readonly string[],
): Promise<ParkedRow[]> {
  const { rows } = await client.query<ParkedRow>(
    `select p.parked_id, d.name as dataset, p.bucket, p.epoch, p.seq, p.deleted, p.row_values::text
     from banyan.parked p join banyan.datasets d using (dataset_id)
     where d.group_id = $1 and p.row_values is not null and (not $2 or p.due_at <= clock_timestamp()
         -- Rows that swap values of a deferrable constraint are only right together.
         or $4 and p.sqlstate in ('23505', '23P01') and exists (
           select from banyan.parked q join banyan.datasets e using (dataset_id)
           where e.group_id = $1 and q.due_at <= clock_timestamp()))
       and ($3::bigint[] is null or p.parked_id = any($3::bigint[]))
     order by p.epoch, p.seq limit ${atOnce}`,
    [target.groupId, which === 'due', typeof which === 'string' ? null : which, target.deferrable],
  );
  return rows;
}

async function stillThere(client: ClientBase, found: readonly ParkedRow[]): Promise<ParkedRow[]> {
  const { rows } = await client.query<{ parked_id: string; seq: string; epoch: string }>(
    'select parked_id, seq, epoch from banyan.parked where parked_id = any($1::bigint[]) order by parked_id for update',
    [found.map(({ parked_id }) => parked_id)],
  );
  const there = new Map(rows.map((row) => [row.parked_id, row]));
  return found.filter(({ parked_id, seq, epoch }) => {
    const now = there.get(parked_id);
    return now?.seq === seq && now.epoch === epoch;
  });
}

/**
 * All at once, with what can wait checked at the end: a transaction that swapped values of a deferrable constraint and was
 * longer than a page comes in parts that none of them can be written by itself.
 * @returns those that still wait
 */
async function retryTogether(
  client: ClientBase,
  target: TargetGroup,
  rows: readonly ParkedRow[],
): Promise<readonly ParkedRow[]> {
  const refused = await tryInSavepoint(client, async () => {
    await client.query('set constraints all deferred');
    for (const row of rows) {
      const dataset = target.datasets.find(({ name }) => name === row.dataset);
      if (dataset === undefined) continue;
      await client.query(row.deleted ? dataset.deleteSql : dataset.putSql, valuesOf(row));
      await dropDead(client, target, dataset, row);
    }
    await client.query('set constraints all immediate');
  });
  return refused === undefined ? stillThere(client, rows) : rows;
}

function valuesOf({ row_values, epoch, seq, bucket }: ParkedRow): unknown[][] {
  return [[row_values], [epoch], [seq], [bucket]];
}

/** @returns whether it waits no more */
async function retryOne(client: ClientBase, target: TargetGroup, row: ParkedRow): Promise<boolean> {
  const dataset = target.datasets.find(({ name }) => name === row.dataset);
  if (dataset === undefined) return false;
  const refused = await tryInSavepoint(client, async () => {
    await client.query(row.deleted ? dataset.deleteSql : dataset.putSql, valuesOf(row));
    if (target.deferrable) await client.query('set constraints all immediate; set constraints all deferred');
    await dropDead(client, target, dataset, row);
  });
  if (refused !== undefined) {
    await client.query('update banyan.parked set sqlstate = $2, reason = $3 where parked_id = $1', [
      row.parked_id,
      sqlStateOf(refused) ?? '',
      messageOf(refused),
    ]);
    return false;
  }
  const { rows } = await client.query('select from banyan.parked where parked_id = $1', [row.parked_id]);
  return rows.length === 0;
}

/** A change that a later version or a fence has overtaken is nothing to wait for. */
async function dropDead(
  client: ClientBase,
  target: TargetGroup,
  dataset: TargetDataset,
  row: ParkedRow,
): Promise<void> {
  await client.query(
    `delete from banyan.parked p where p.parked_id = $1 and (
       exists (select from banyan.applied a where a.dataset_id = $2 and a.key = p.key
         and (a.epoch, a.seq) >= (p.epoch, p.seq))
       or exists (select from banyan.buckets b where b.group_id = $3 and b.bucket = p.bucket
         and (p.epoch < b.fenced_at or (p.seq <= b.accepts_after and p.seq > 0))))`,
    [row.parked_id, dataset.datasetId, target.groupId],
  );
}
