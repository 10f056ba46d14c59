import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { forceToken } from '#proxy/route/force.ts';
import type { Side } from '#flags/stages.ts';
import { documentPath, fillBoth } from '#test/second-pair/harness/archive.ts';
import { startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';
import { forceSecret } from '#test/second-pair/harness/proxy.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'forced');
});
afterAll(() => pair.stop());

const read = { method: 'GET', path: documentPath('forced', 'İzmir') } as const;
const noKey = { method: 'POST', path: '/Archives/forced/Documents/Search', body: {} } as const;

function token(side: Side, options: { readonly secret?: string; readonly now?: number } = {}) {
  const { secret = forceSecret, now = Date.now() } = options;
  return { 'Banyan-Force': forceToken({ side, secret, now, ttlSeconds: 60 }) };
}

test('signed, it brings a read to the side that it names, at every stage up to complete and every share', async () => {
  for (const sent of [read, noKey]) {
    await pair.flags.stage('documents', 'off');
    expect(await pair.proxied({ ...sent, headers: token('service') })).toMatchObject({
      from: 'vault',
      status: 200,
    });
    await pair.flags.shadow('documents', 100);
    expect(await pair.proxied({ ...sent, headers: token('monolith') })).toMatchObject({
      from: 'cardfile',
      status: 200,
    });
    // At complete the card file gets no copy any more: forcing a read there would answer from the past.
    await pair.flags.stage('documents', 'complete');
    expect(await pair.proxied({ ...sent, headers: token('monolith') })).toMatchObject({
      from: 'vault',
      status: 200,
    });
  }
});

test('it moves no write, and does not get past the kill switch', async () => {
  await pair.flags.stage('documents', 'off');
  const path = documentPath('forced', 'written');
  const write = { method: 'PUT', path, body: {}, headers: token('service') } as const;
  expect((await pair.proxied(write)).from).toBe('cardfile');
  await pair.flags.kill('documents', true);
  expect((await pair.proxied({ ...read, headers: token('service') })).from).toBe('cardfile');
  await pair.flags.kill('documents', false);
});

test('forged, expired or unsigned it counts for nothing', async () => {
  await pair.flags.stage('documents', 'off');
  for (const headers of [
    token('service', { secret: 'another secret of that length' }),
    token('service', { now: Date.now() - 61_000 }),
    { 'banyan-force': 'service' },
    { 'banyan-force': token('monolith')['Banyan-Force'].replace('monolith', 'service') },
  ])
    expect(await pair.proxied({ ...read, headers })).toMatchObject({ from: 'cardfile', status: 200 });
});

test('no system ever saw it, nor any other header of that family', async () => {
  const headers = {
    ...token('service'),
    'Banyan-Owner': 'vault',
    'bAnYaN-anything': '1',
    'x-banyan': 'stays',
  };
  for (const sent of [read, noKey, { method: 'GET', path: '/Archives/forced/Loans' } as const])
    await pair.proxied({ ...sent, headers });
  const received = [...pair.cardfile.received, ...pair.vault.received];
  const names = new Set(received.flatMap(({ headers }) => Object.keys(headers)));
  expect([...names].filter((name) => name.startsWith('banyan-'))).toEqual([]);
  // What the proxy says itself, and what it leaves alone, did arrive.
  for (const name of ['x-request-id', 'x-forwarded-for', 'x-banyan', 'x-trace'])
    expect(names).toContain(name);
});
