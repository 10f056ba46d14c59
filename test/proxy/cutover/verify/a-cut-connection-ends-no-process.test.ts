import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openSide } from '#proxy/cutover/database.ts';
import { takeCut } from '#proxy/cutover/verify/cut.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';
import { run } from '../support/bulk-fixture.ts';

let pair: ItemsPair;
beforeEach(async () => {
  pair = await createItemsPair({ ddl: 'id int primary key', columns: ['id'] });
});
afterEach(() => pair.drop());

test('a connection that is cut while it waits inside the cut fails for whoever uses it next, and nothing else', async () => {
  const pool = openSide(pair.plan, 'service', { part: 'cut', max: 2 });
  const cut = await takeCut(pool, 2);
  await run(
    pair.service,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'banyan cut'`,
  );
  await delay(50);
  await expect(cut.connections[0]?.query('select 1')).rejects.toThrow();
  await cut.close();
  await pool.end();
});
