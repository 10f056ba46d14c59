import type { Pool } from 'pg';
import { windowSql, windowValues } from './window.ts';

export interface OutboxLimits {
  /** Size of the outbox on disk at which the copy is stopped. */
  readonly bytes: number;
  /** Age of the oldest change that is not carried yet, milliseconds. */
  readonly ageMs: number;
}

/** A day and 8 GiB: long enough to mend a target, small beside the disk of a database that is worth moving. */
export const usualOutboxLimits: OutboxLimits = { bytes: 8 * 2 ** 30, ageMs: 24 * 3_600_000 };

/** Rows that are counted at most. */
const mostCounted = 100_000;

export interface OutboxReading {
  readonly bytes: number;
  /** Changes that are not carried yet; counted up to 100,000. */
  readonly pendingRows: number;
}

/** Size of the outbox with all its partitions, and how much of a group waits in it. */
export async function readOutbox(options: {
  readonly pool: Pool;
  readonly groupId: number;
  readonly position: { readonly snapshot: string; readonly lastSeq: string };
}): Promise<OutboxReading> {
  const { pool, groupId, position } = options;
  const window = { groupId, after: position.snapshot, until: undefined, lastSeq: position.lastSeq };
  const { rows } = await pool.query<{ bytes: string; pending: number }>(
    `select (select coalesce(sum(pg_total_relation_size(relid)), 0)::bigint from (
         select 'banyan.outbox'::regclass as relid
         union all select inhrelid from pg_inherits where inhparent = 'banyan.outbox'::regclass) parts) as bytes,
       (select count(*)::int4 from (select from banyan.outbox o where ${windowSql} limit ${mostCounted}) w) as pending`,
    windowValues(window),
  );
  return { bytes: Number(rows[0]?.bytes ?? 0), pendingRows: rows[0]?.pending ?? 0 };
}

/** @returns what the outbox is over, in words; `undefined`: nothing */
export function overLimit(
  { bytes, pendingRows }: OutboxReading,
  lagMs: number | undefined,
  limits: OutboxLimits,
): string | undefined {
  if (bytes > limits.bytes) return `the outbox has ${bytes} bytes, its limit is ${limits.bytes}`;
  if (pendingRows > 0 && lagMs !== undefined && lagMs > limits.ageMs)
    return `changes wait for ${lagMs} ms, the limit is ${limits.ageMs}`;
  return undefined;
}
