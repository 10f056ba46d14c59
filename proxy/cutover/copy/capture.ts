import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';

/** Whether the writes of a side are captured. */
export interface CaptureState {
  readonly groups: readonly { readonly group: string; readonly stopped: string | undefined }[];
}

export async function captureState(plan: CutoverPlan, side: Side): Promise<CaptureState> {
  const pool = openSide(plan, side, { part: 'capture', max: 1 });
  try {
    const { rows } = await pool.query<{ group: string; stopped: string | null }>(
      'select name as "group", capture_stopped as stopped from banyan.groups where name = any($1::text[]) order by 1',
      [plan.groups.map(({ name }) => name)],
    );
    return { groups: rows.map(({ group, stopped }) => ({ group, stopped: stopped ?? undefined })) };
  } finally {
    await pool.end();
  }
}

/**
 * From here on writes are captured again, and the other side follows from here: what is older than that, the copy reads. It
 * waits for writers in flight, which it lets finish first. A group that is captured already is left as it is.
 * @throws what PostgreSQL says when one stays open for longer than the lock time-out (5 s)
 */
export async function startCapture(plan: CutoverPlan, side: Side): Promise<void> {
  const source = openSide(plan, side, { part: 'capture', max: 1 });
  const target = openSide(plan, otherSide(side), { part: 'capture', max: 1 });
  try {
    const { groups } = await captureState(plan, side);
    for (const { group } of groups.filter(({ stopped }) => stopped !== undefined)) {
      // First, so that a crash in between leaves no position of the capture that was stopped.
      await target.query('delete from banyan.positions where group_name = $1', [group]);
      await source.query('select banyan.start_capture($1)', [group]);
      const { rows } = await source.query<{ snapshot: string; generation: number }>(
        `select pg_current_snapshot()::text as snapshot, capture_generation as generation
         from banyan.groups where name = $1`,
        [group],
      );
      await target.query(
        `insert into banyan.positions (group_name, snapshot, generation) values ($1, $2, $3) on conflict do nothing`,
        [group, rows[0]?.snapshot, rows[0]?.generation],
      );
    }
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}

/** From here on writes pass uncaptured, and the gate stands all the same: a copy has a gap and is begun anew. */
export async function stopCapture(plan: CutoverPlan, side: Side, reason: string): Promise<void> {
  await forEachGroup(plan, side, 'select banyan.stop_capture($1, $2)', reason);
}

async function forEachGroup(plan: CutoverPlan, side: Side, sql: string, ...more: string[]): Promise<void> {
  const pool = openSide(plan, side, { part: 'capture', max: 1 });
  try {
    for (const { name } of plan.groups) await pool.query(sql, [name, ...more]);
  } finally {
    await pool.end();
  }
}
