import { parseSnapshot } from './snapshot.ts';

/** Which rows of the outbox are asked for: became visible after `after`, and until `until` (none: until now). */
export interface Window {
  readonly groupId: number;
  readonly after: string;
  readonly until: string | undefined;
  readonly lastSeq: string;
}

/**
 * What was not visible at `after` has a transaction number from its xmax on, or one of those that ran then. In this form
 * (PgQ's) an index on xid serves both, and a transaction that runs for days widens no scan.
 */
export const windowSql = `o.group_id = $1
  and (o.xid >= $2::xid8 or o.xid = any($3::xid8[])) and not pg_visible_in_snapshot(o.xid, $4::pg_snapshot)
  and o.seq > $5::bigint
  and ($6::pg_snapshot is null or pg_visible_in_snapshot(o.xid, $6::pg_snapshot))`;

/** Number of the group, xmax, running, `after`, `lastSeq`, `until`. */
export function windowValues({
  groupId,
  after,
  until,
  lastSeq,
}: Window): (string | number | string[] | null)[] {
  const { xmax, running } = parseSnapshot(after);
  return [groupId, String(xmax), running.map(String), after, lastSeq, until ?? null];
}
