import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSide } from '#proxy/cutover/database.ts';
import { targetGroup } from '#proxy/cutover/stream/target-group.ts';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await createSmallPair();
});
afterAll(() => pair.drop());

const plansOf = async (byIndexOnly: boolean): Promise<string> => {
  const [group] = pair.plan.groups;
  if (group === undefined) throw new Error('no group');
  const pool = openSide(pair.plan, 'service', { part: 'test', max: 1, byIndexOnly });
  try {
    const { datasets } = await targetGroup({ pool, group, from: 'monolith' });
    await pool.query('set plan_cache_mode = force_generic_plan');
    const lines: string[] = [];
    for (const [at, { deleteSql }] of datasets.entries()) {
      await pool.query(`prepare d${at} (text[], bigint[], bigint[], smallint[]) as ${deleteSql}`);
      const { rows } = await pool.query<Record<string, string>>(
        `explain execute d${at} ('{}', '{}', '{}', '{}')`,
      );
      lines.push(...rows.map((row) => row['QUERY PLAN'] ?? ''));
    }
    return lines.join('\n');
  } finally {
    await pool.end();
  }
};

test('the plan of a delete that was made for an empty table looks rows up by their key, and will when it is full', async () => {
  for (const table of ['owners', 'parts']) await pair.service.query(`vacuum analyze ${table}`);
  expect(await plansOf(false)).toMatch(/Seq Scan on (owners|parts) t/);
  const plans = await plansOf(true);
  expect(plans).not.toMatch(/Seq Scan on (owners|parts) t/);
  expect(plans).toMatch(/Index Scan using owners_pkey on owners t/);
});
