import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { technicianToken } from '#test/second-pair/harness/archive.ts';
import type { Sent } from '#test/second-pair/harness/client.ts';
import { startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await pair.flags.shadow('documents', 100);
  await pair.flags.shadow('devices', 100);
});
afterAll(() => pair.stop());

const search = { method: 'POST', path: '/Archives/keyless/Documents/Search', body: {} } as const;
const list = { method: 'GET', path: '/Devices' } as const;
const readings = { method: 'GET', path: '/Devices/1/Readings' } as const;

test.each<[string, Sent, Record<string, string>]>([
  ['a search', search, { cookie: 'a=b; reading.desk=4' }],
  ['a list of devices', list, { 'x-archive': 'keyless' }],
  ['a list of readings', readings, { authorization: technicianToken('t') }],
])('with its key, %s goes to the vault at 100 %%', async (_name, sent, headers) => {
  expect((await pair.proxied({ ...sent, headers })).from).toBe('vault');
});

test.each<[string, Sent, Record<string, string>]>([
  ['a search without cookie', search, {}],
  ['a search with an empty cookie', search, { cookie: 'reading.desk=' }],
  ['a search with another cookie', search, { cookie: 'xreading.desk=4; readingxdesk=4' }],
  ['a list of devices without the header', list, {}],
  ['a list of devices with an empty header', list, { 'x-archive': ' ' }],
  ['a list of readings without token', readings, {}],
  [
    'a list of readings with a token that has no such claim',
    readings,
    { authorization: 'Bearer e30.e30.c2ln' },
  ],
  [
    'a list of readings with a claim that is no value',
    readings,
    { authorization: technicianToken({ a: 1 }) },
  ],
  ['a list of readings with what is no token', readings, { authorization: 'Bearer opaque' }],
])('%s stays with the card file', async (_name, sent, headers) => {
  expect((await pair.proxied({ ...sent, headers })).from).toBe('cardfile');
});

test('the admin port counts them as requests without a key', async () => {
  const before = await keyless();
  await pair.proxied(search);
  await pair.proxied(search);
  expect(await keyless()).toBe(before + 2);
});

async function keyless(): Promise<number> {
  const { ways } = (await pair.proxy.status()).traffic;
  const way = ways.find(({ route, target }) => route === 'document-search' && target === 'cardfile');
  return way?.reasons['no-key'] ?? 0;
}
