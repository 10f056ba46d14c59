import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fillBoth, readsOf } from '#test/second-pair/harness/archive.ts';
import { essence } from '#test/second-pair/harness/client.ts';
import { startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'heads');
});
afterAll(() => pair.stop());

test('HEAD goes where GET goes, and says the same without the body', async () => {
  await pair.flags.shadow('documents', 50);
  await pair.flags.shadow('devices', 50);
  const sides = new Set<string>();
  for (const sent of readsOf('heads').filter(({ method }) => method === 'GET')) {
    const get = await pair.proxied(sent);
    const head = await pair.proxied({ ...sent, method: 'HEAD' });
    sides.add(String(get.from));
    expect([sent, head.from, essence(head)]).toEqual([sent, get.from, { ...essence(get), body: '' }]);
  }
  expect(sides).toEqual(new Set(['cardfile', 'vault']));
});
