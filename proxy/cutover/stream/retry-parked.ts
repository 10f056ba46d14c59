import type { ClientBase } from 'pg';
import { lockForApply } from './locks.ts';
import { settleMarkers } from './markers.ts';
import { applyOneByOne, type Writable } from './one-by-one.ts';
import { tryInSavepoint } from './savepoint.ts';
import type { TargetGroup } from './target-group.ts';

/** Parked changes that one round tries. */
const atOnce = 500;
/** Seconds between two tries of one change: twice as long each time, up to this. */
const longestWait = 600;

interface ParkedRow extends Writable {
  readonly parked_id: string;
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
      const left = await retryEach(client, target, open);
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
    `select p.parked_id, d.name as dataset, p.bucket, p.epoch, p.seq, p.deleted, p.row_values::text as values
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
    for (const { dataset: name, deleted, values, epoch, seq, bucket } of rows) {
      const dataset = target.datasets.find((one) => one.name === name);
      if (dataset === undefined) continue;
      const text = deleted ? dataset.deleteSql : dataset.putSql;
      await client.query(text, [[values], [epoch], [seq], [bucket]]);
    }
    await dropDead(client, target, rows);
    await client.query('set constraints all immediate');
  });
  return refused === undefined ? stillThere(client, rows) : rows;
}

/** Each as it stands, in one statement. @returns those that still wait */
async function retryEach(
  client: ClientBase,
  target: TargetGroup,
  rows: readonly ParkedRow[],
): Promise<readonly ParkedRow[]> {
  if (target.deferrable) await client.query('set constraints all deferred');
  const { refused } = await applyOneByOne(client, target, rows);
  await dropDead(client, target, rows);
  await client.query(
    `update banyan.parked p set sqlstate = r.sqlstate, reason = r.reason
     from unnest($1::bigint[], $2::text[], $3::text[]) as r (parked_id, sqlstate, reason) where p.parked_id = r.parked_id`,
    [
      refused.map(({ change }) => change.parked_id),
      refused.map(({ sqlstate }) => sqlstate),
      refused.map(({ reason }) => reason),
    ],
  );
  return stillThere(client, rows);
}

/** A change that a later version or a fence has overtaken is nothing to wait for. */
async function dropDead(
  client: ClientBase,
  { groupId }: TargetGroup,
  rows: readonly ParkedRow[],
): Promise<void> {
  await client.query(
    `delete from banyan.parked p where p.parked_id = any($1::bigint[]) and (
       exists (select from banyan.applied a where a.dataset_id = p.dataset_id and a.key = p.key
         and (a.epoch, a.seq) >= (p.epoch, p.seq))
       or exists (select from banyan.buckets b where b.group_id = $2 and b.bucket = p.bucket
         and (p.epoch < b.fenced_at or (p.seq <= b.accepts_after and p.seq > 0))))`,
    [rows.map(({ parked_id }) => parked_id), groupId],
  );
}
