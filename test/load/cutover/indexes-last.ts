import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { run } from '#test/proxy/cutover/support/bulk-fixture.ts';
import { copyPlainly } from './plain-copy.ts';

const secondary = {
  tokens_session_idx: 'create index tokens_session_idx on tokens (user_id, session_id)',
  tokens_expires_at_idx: 'create index tokens_expires_at_idx on tokens (expires_at)',
};

/** What is gained by building the indexes last that no constraint needs: the same plain copy with and without. */
export async function indexesLast(plan: CutoverPlan): Promise<string> {
  const { url } = plan.databases.service;
  const empty = () => run(url, 'truncate tokens, preferences, profiles, accounts');
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  await empty();
  const first = await timed(() => copyPlainly(plan));
  await empty();
  await run(url, `drop index ${Object.keys(secondary).join(', ')}`);
  const bare = await timed(() => copyPlainly(plan));
  const built = await timed(async () => {
    for (const statement of Object.values(secondary)) await run(url, statement);
  });
  return `secondary indexes from the start: ${first.toFixed(2)} s; built last: ${bare.toFixed(2)} + ${built.toFixed(2)} s`;
}
