import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { run } from '#test/proxy/cutover/support/bulk-fixture.ts';
import { copyPlainly } from './plain-copy.ts';

const secondary = {
  tokens_session_idx: 'create index tokens_session_idx on tokens (user_id, session_id)',
  tokens_expires_at_idx: 'create index tokens_expires_at_idx on tokens (expires_at)',
};

const rounds = 3;

/** What is gained by building the indexes last that no constraint needs: the same plain copy with and without, by turns. */
export async function indexesLast(plan: CutoverPlan): Promise<string> {
  const { url } = plan.databases.service;
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  const copyIntoEmpty = async (): Promise<number> => {
    await run(url, 'truncate tokens, preferences, profiles, accounts');
    await run(url, 'checkpoint');
    return seconds(() => copyPlainly(plan));
  };
  const lines: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const first = await copyIntoEmpty();
    await run(url, `drop index ${Object.keys(secondary).join(', ')}`);
    const bare = await copyIntoEmpty();
    const built = await seconds(async () => {
      for (const statement of Object.values(secondary)) await run(url, statement);
    });
    lines.push(
      `secondary indexes from the start: ${first.toFixed(2)} s; built last: ${bare.toFixed(2)} + ${built.toFixed(2)} s`,
    );
  }
  return lines.join('\n');
}
