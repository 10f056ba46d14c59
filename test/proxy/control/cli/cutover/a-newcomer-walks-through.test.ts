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
