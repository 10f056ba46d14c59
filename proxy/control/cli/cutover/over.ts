import { openSide } from '#proxy/cutover/database.ts';
import { readCompletion, sinceText } from '#proxy/cutover/move/completed.ts';
import { keeper } from '#proxy/cutover/move/completion.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

/**
 * Why there is no copy any more that a command could work on; `undefined`: there is one.
 * @throws what PostgreSQL says, also where nothing is installed
 */
export async function overSince(plan: CutoverPlan): Promise<string | undefined> {
  const pool = openSide(plan, keeper, { part: 'status', max: 1 });
  try {
    const said = await readCompletion(
      pool,
      plan.groups.map(({ name }) => name),
    );
    return said.complete
      ? `${plan.migration} is complete ${sinceText(said)}: the ${otherSide(keeper)}'s tables are left as they were then`
      : undefined;
  } finally {
    await pool.end();
  }
}

/** @throws an Error that says so, where the migration is complete */
export async function assertNotOver(plan: CutoverPlan): Promise<void> {
  const since = await overSince(plan);
  if (since !== undefined) throw new Error(`${since}, and nothing is copied there any more`);
}
