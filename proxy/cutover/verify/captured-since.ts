import { codeOf } from '#shared/errors/code.ts';
import type { Queryable } from '../backfill/catalog.ts';

const noSuchTable = '42P01';

/** Whether the owner's capture has noted nothing of a group that `snapshot` does not see; `undefined` without a capture. */
export async function nothingCapturedSince(
  owner: Queryable,
  group: string,
  snapshot: string,
): Promise<boolean | undefined> {
  try {
    const { rows } = await owner.query<{ nothing: boolean }>(
      `select not exists (select from banyan.outbox o join banyan.groups g using (group_id)
         where g.name = $2 and o.op <> 'M' and not pg_visible_in_snapshot(o.xid, $1)) as nothing`,
      [snapshot, group],
    );
    return rows[0]?.nothing;
  } catch (cause) {
    if (codeOf(cause) === noSuchTable) return undefined;
    throw cause;
  }
}
