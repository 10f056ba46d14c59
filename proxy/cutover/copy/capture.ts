import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
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
 * From here on writes are captured again. It waits for writers in flight, which it lets finish first.
 * @throws what PostgreSQL says when one stays open for longer than the lock time-out (5 s)
 */
export async function startCapture(plan: CutoverPlan, side: Side): Promise<void> {
  await forEachGroup(plan, side, 'select banyan.start_capture($1)');
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
