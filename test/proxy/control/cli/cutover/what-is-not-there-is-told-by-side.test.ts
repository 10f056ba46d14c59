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
  files.remove();
  await pair.drop();
});

const call = (config: string, ...args: string[]): Promise<CliResult> =>
  banyan('cutover', ...args, '--config', config);

const needCopy = [
  ['backfill'],
  ['verify'],
  ['repair', '--dry-run'],
  ['parked', 'list'],
  ['parked', 'retry', '--all'],
  ['parked', 'skip', '1'],
];

test.each(needCopy)('before the installation, %s %s says of both sides what to do', async (...args) => {
  const { code, error, out } = await call(files.config, ...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  for (const side of ['monolith', 'service'])
    expect(error).toMatch(new RegExp(`^banyan: ${side}: .*banyan cutover install`, 'm'));
});

test('status says it too, and its exit code', async () => {
  const { code, out } = await call(files.config, 'status');
  expect(code).toBe(1);
  expect(out.match(/banyan cutover install/g)).toHaveLength(2);
});

/** The service at a port where nobody listens. */
function away(): PairFiles {
  const gone = (url = ''): string => {
    const changed = new URL(url);
    changed.port = '1';
    return changed.href;
  };
  const { databases } = pair.plan;
  const service = { url: gone(databases.service.url), installUrl: gone(databases.service.installUrl) };
  return writePairFiles({ ...pair, plan: { ...pair.plan, databases: { ...databases, service } } });
}

test('a database that is away: nothing is begun on the other side either', async () => {
  const gone = away();
  const { code, error, out } = await call(gone.config, 'install');
  gone.remove();
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(error).toContain('banyan: service: 127.0.0.1:1/');
  expect(error).toContain('migrations.archive.data.service.installUrl is right');
  expect(await pair.monolith.query(`select from pg_namespace where nspname = 'banyan'`)).toEqual([]);
});

test('a URL without a host is refused, and what may be its password is not quoted', async () => {
  const url = 'postgres:hush@127.0.0.1:5432/shop';
  const { code, error } = await banyan('cutover', 'propose', '--monolith', url, '--service', url);
  expect(code).toBe(2);
  expect(error).not.toContain('hush');
});
