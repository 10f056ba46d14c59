import { openSide } from '#proxy/cutover/database.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { copyChunk } from '#proxy/cutover/backfill/chunk.ts';
import type { Way } from '#proxy/cutover/backfill/chunk.types.ts';
import { datasetsOf, readPassage } from '#proxy/cutover/backfill/passage.ts';
import { closeRun, findInstalled, openRun } from '#proxy/cutover/backfill/run.ts';
import { createPlanner } from '#proxy/cutover/backfill/planner.ts';

/** One chunk over the whole first dataset, with a hand in between its read and its write. */
export async function openChunk(plan: CutoverPlan, to: Side) {
  const pools = {
    source: openSide(plan, otherSide(to), { part: 'test' }),
    target: openSide(plan, to, { part: 'test' }),
  };
  const [dataset] = datasetsOf(plan);
  if (dataset === undefined) throw new Error('the plan has no dataset');
  const passage = await readPassage(pools, dataset, to);
  const installed = await findInstalled(pools.target, dataset);
  const run = await openRun(pools.target, installed, {
    purpose: 'backfill',
    fingerprint: 'test',
    estimated: 1,
  });
  const planner = await createPlanner({ ...pools, walk: passage.walk, run, rows: 1_000_000 });
  const chunk = await planner.next();
  if (chunk === undefined) throw new Error('the table has no chunk');
  return {
    run,
    /** `between` is done once, also where a straight COPY fails and the chunk is read again. */
    copy: (way: Way, between: () => Promise<void> = async () => undefined) => {
      let done: Promise<void> | undefined;
      const beforeWrite = () => (done ??= between());
      return copyChunk({ pools, passage, run, chunk, mayPark: 100, beforeWrite }, way);
    },
    close: () => closeRun(pools.target, run),
    end: () => Promise.all([pools.source.end(), pools.target.end()]),
  };
}
