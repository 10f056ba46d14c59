import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { connectReading } from '#proxy/cutover/catalog/connect.ts';
import { secondPair, type TestPair } from '../preflight/harness.ts';

let pair: TestPair;

beforeAll(async () => {
  pair = await secondPair();
});
afterAll(() => pair.drop());

test('also to a database that not everybody may enter; afterwards no right of it is left', async () => {
  await pair.monolith.query(
    `do $$ begin execute format('revoke connect on database %I from public', current_database()); end $$`,
  );
  const { changes } = await install(pair.plan, 'monolith');
  expect(changes).toContainEqual(expect.stringContaining('connect for'));
  const client = await connectReading(pair.plan.databases.monolith.url);
  await client.end();
  const removed = await uninstall(pair.plan, 'monolith');
  expect(removed.changes).toContainEqual(expect.stringMatching(/^role applier_/));
});

test('a password that was changed in the configuration counts from the next installation on', async () => {
  await install(pair.plan, 'service');
  const { databases } = pair.plan;
  const url = new URL(databases.service.url);
  url.password = 'another one';
  const changed = {
    ...pair.plan,
    databases: { ...databases, service: { ...databases.service, url: url.href } },
  };
  expect((await install(changed, 'service')).changes).toEqual([]);
  const client = await connectReading(url.href);
  await client.end();
  await uninstall(changed, 'service');
});
