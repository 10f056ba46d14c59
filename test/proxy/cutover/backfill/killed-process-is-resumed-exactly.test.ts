import { afterEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
afterEach(() => pair.drop());

const child = fileURLToPath(new URL('../support/backfill-child.ts', import.meta.url));

test('after SIGKILL another process copies what is left, and nothing twice', async () => {
  pair = await createItemsPair({ ddl: 'id int primary key, a text', columns: ['id', 'a'] });
  await run(pair.monolith, `insert into items select i, repeat('x', 50) from generate_series(1, 5000) i`);
  const killed = spawn(process.execPath, [child], {
    env: { ...process.env, BACKFILL_PLAN: JSON.stringify(pair.plan), BACKFILL_ROWS: '50' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // It tells each chunk; after some it dies in the middle of others.
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const [before] = await run(pair.service, 'select count(*)::int as rows from items');
  expect(before?.['rows']).toBeGreaterThan(0);
  expect(before?.['rows']).toBeLessThan(5000);

  const signal = new AbortController().signal;
  const { datasets } = await startBackfill({
    plan: pair.plan,
    to: 'service',
    log: silent,
    signal,
    settings: { chunkRows: 500 },
  });
  expect(datasets[0]).toMatchObject({ resumed: true, rows: 5000, leftAlone: 0, parked: 0 });
  expect((await verify({ plan: pair.plan, owner: 'monolith', mode: 'snapshot', signal })).equal).toBe(true);
  const [chunks] = await run(
    pair.service,
    `select bool_and(state = 'done') as done, sum(rows_written)::int as rows, count(distinct run_id)::int as runs from banyan.backfill_chunks`,
  );
  expect(chunks).toEqual({ done: true, rows: 5000, runs: 1 });

  const again = await startBackfill({ plan: pair.plan, to: 'service', log: silent, signal });
  expect(again.datasets[0]).toMatchObject({ resumed: true, rows: 5000 });
});
