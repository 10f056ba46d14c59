import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { banyan, type CliResult } from '#test/support/cli.ts';
import { secondPair, type TestPair } from '../../../cutover/preflight/harness.ts';
import { writePairFiles, type PairFiles } from './pair-files.ts';

let pair: TestPair;
let files: PairFiles;

beforeAll(async () => {
  pair = await secondPair();
  files = writePairFiles(pair);
});
afterAll(async () => {
  await call('uninstall', '--yes');
  files.remove();
  await pair.drop();
});

const call = (...args: string[]): Promise<CliResult> => banyan('cutover', ...args, '--config', files.config);

test('preflight, install, backfill, verify, status, repair, parked: each does what it says', async () => {
  const before = await call('preflight');
  expect(before.code).toBe(0);
  expect(before.out).toContain('archive: 3 datasets, 7 rows taken there and back');

  await pair.monolith.query(`insert into cards (house, signature, touched) values ('', '', now())`);
  const refused = await call('install');
  expect(refused).toMatchObject({ code: 1, error: '' });
  expect(refused.out).toMatch(/ERRORS[^]*mapping-breaks-check[^]*--force installs all the same/);
  expect(await pair.monolith.query(`select from pg_namespace where nspname = 'banyan'`)).toEqual([]);
  await pair.monolith.query(`delete from cards where house = ''`);

  const installed = await call('install');
  expect(installed).toMatchObject({ code: 0, error: '' });
  expect((await call('install')).out).toBe('monolith: nothing to change\nservice: nothing to change\n');

  const copied = await call('backfill');
  expect(copied.code).toBe(0);
  expect(copied.out).toMatch(/documents +3 /);
  expect(copied.error).toMatch(/documents: 100 %/);

  const equal = await call('verify');
  expect(equal).toMatchObject({ code: 0 });
  expect(equal.out).toContain('Equal, with the monolith as owner');

  const status = await call('status');
  expect(status.out).toContain('no mover answers');
  expect(status.out).toMatch(/devices +256\/0\/0/);

  // As the applier, whom the gate lets through: a row that somebody has broken.
  const { Client } = await import('pg');
  const applier = new Client({ connectionString: pair.plan.databases.service.url });
  await applier.connect();
  await applier.query(`update public.documents set title = 'broken' where code = 'A.1' and tenant = 'north'`);
  await applier.end();
  const differs = await call('verify', '--json');
  expect(differs.code).toBe(1);
  expect(JSON.parse(differs.out)).toMatchObject({
    equal: false,
    differences: [{ dataset: 'documents', key: ['north', 'A.1'], kind: 'differs', columns: ['title'] }],
  });
  expect((await call('repair', '--dry-run')).out).toContain(
    '1 row would be brought to what the monolith has',
  );
  expect((await call('parked', 'list')).out).toBe('Nothing is parked.\n');
}, 60_000);

test('what the gate refuses', async () => {
  await expect(pair.service.query(`delete from documents`)).rejects.toThrow('owned by');
});

test('a change that cannot be applied: why, and what to call', async () => {
  await pair.service.query(
    `insert into banyan.parked (dataset_id, key, bucket, epoch, seq, deleted, sqlstate, reason)
     select dataset_id, array['north', ''], 0, 1, 1, false, '23514', 'violates a check' from banyan.datasets where name = 'documents'`,
  );
  const { out } = await call('parked', 'list');
  expect(out).toMatch(
    /^\d+ {2}documents \{north,""\}: put, .* since .*Z\n {5}violates a check \(SQLSTATE 23514\)\n/,
  );
  expect(out).toContain('banyan cutover parked retry --all');
  const unknown = await call('parked', 'retry', '999');
  expect(unknown).toMatchObject({ code: 1, error: expect.stringContaining('1 of these ids are not parked') });
  const skipped = await call('parked', 'skip', out.split(' ')[0] ?? '', '999');
  expect(skipped).toMatchObject({ code: 1, out: expect.stringContaining('1 of 2 given up') });
});

test('what was filled before is not said to be filled now', async () => {
  expect((await call('backfill')).out).toContain('The service was filled before; nothing was left to copy.');
});
