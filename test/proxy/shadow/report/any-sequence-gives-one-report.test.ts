import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { intervalJudge } from '#test/proxy/shadow/report/interval-judge.ts';
import { createMemoryStore } from '#proxy/shadow/report/memory-store.ts';
import { createPostgresStore } from '#proxy/shadow/report/postgres-store.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import type { ShadowStore } from '#proxy/shadow/report/store.types.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { anyDelta, splitUp, start } from './deltas.ts';

const now = (): number => start + 30 * 60_000;
const retention = 7 * 24 * 3_600_000;
const log = createLog({ name: 'test', level: 'silent' });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase('empty');
});
afterAll(() => database.drop());

const inMemory = (): ShadowStore => createMemoryStore({ retention, judge: intervalJudge, now });
const inPostgres = (): ShadowStore =>
  createPostgresStore({ url: database.url, retention, judge: intervalJudge, log, now });

/** All but the store itself. */
async function told(store: ShadowStore): Promise<Omit<ShadowReport, 'store'>> {
  const { store: _store, ...report } = await store.report();
  return JSON.parse(JSON.stringify(report)) as Omit<ShadowReport, 'store'>;
}

const shuffled = fc
  .array(anyDelta, { minLength: 1, maxLength: 6 })
  .chain((deltas) =>
    fc.tuple(
      fc.constant(deltas),
      fc.shuffledSubarray(deltas.flatMap(splitUp), { minLength: deltas.flatMap(splitUp).length }),
    ),
  );

test('in memory: deltas split up and in any sequence give the same report', async () => {
  await fc.assert(
    fc.asyncProperty(shuffled, async ([deltas, parts]) => {
      const [whole, split] = [inMemory(), inMemory()];
      for (const delta of deltas) whole.add(delta);
      for (const delta of parts) split.add(delta);
      expect(await told(split)).toEqual(await told(whole));
    }),
  );
});

test('in PostgreSQL: two writers, split up and in any sequence, give the report of one memory', async () => {
  const stores = [inPostgres(), inPostgres()];
  const [first, second] = stores;
  await first?.report();
  await fc.assert(
    fc.asyncProperty(shuffled, async ([deltas, parts]) => {
      await database.query('truncate banyan_control.shadow_routes, banyan_control.shadow_findings cascade');
      const whole = inMemory();
      for (const delta of deltas) whole.add(delta);
      for (const [index, delta] of parts.entries()) stores[index % 2]?.add(delta);
      await Promise.all(stores.map((store) => store.report()));
      expect(await told(second ?? whole)).toEqual(await told(whole));
    }),
    { numRuns: 40 },
  );
  await Promise.all(stores.map((store) => store.close()));
});
