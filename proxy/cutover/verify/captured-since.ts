import { codeOf } from '#shared/errors/code.ts';
import type { Queryable } from '../backfill/catalog.ts';

const noSuchTable = '42P01';

/** Whether the owner's capture has noted nothing that `snapshot` does not see; `undefined` without a capture. */
export async function nothingCapturedSince(owner: Queryable, snapshot: string): Promise<boolean | undefined> {
  try {
    const { rows } = await owner.query<{ nothing: boolean }>(
      `select not exists (select from banyan.outbox where op <> 'M' and not pg_visible_in_snapshot(xid, $1)) as nothing`,
      [snapshot],
    );
    return rows[0]?.nothing;
  } catch (cause) {
    if (codeOf(cause) === noSuchTable) return undefined;
    throw cause;
  }
}
