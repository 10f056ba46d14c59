import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentPath, fillBoth, oddCodes } from '#test/second-pair/harness/archive.ts';
import { startSecondPair, type Proxied, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'dead');
  await pair.flags.shadow('documents', 50);
});
afterAll(() => pair.stop());

function readAll(): Promise<[string, Proxied][]> {
  return Promise.all(
    oddCodes.map(async (code): Promise<[string, Proxied]> => {
      return [code, await pair.proxied({ method: 'GET', path: documentPath('dead', code) })];
    }),
  );
}

test('its share gets 502, the others do not notice; at a share of 0 nobody does', async () => {
  const alive = await readAll();
  const share = new Set(alive.filter(([, { from }]) => from === 'vault').map(([code]) => code));
  expect(share.size).toBeGreaterThan(0);
  expect(share.size).toBeLessThan(oddCodes.length);

  await pair.vault.die();
  for (let round = 0; round < 3; round += 1) {
    for (const [code, { status, from, headers, body }] of await readAll()) {
      if (share.has(code)) {
        expect([code, status, from]).toEqual([code, 502, undefined]);
        expect(headers['content-type']).toBe('application/problem+json');
        expect(JSON.parse(body)).toMatchObject({ status: 502, code: 'upstream-unreachable' });
      } else expect([code, status, from]).toEqual([code, 200, 'cardfile']);
    }
  }
  // Writes belong to the card file, also those of a key whose reads fail.
  for (const code of oddCodes) {
    const sent = {
      method: 'PUT',
      path: documentPath('dead', code),
      body: {},
      headers: { 'if-match': '*' },
    } as const;
    expect((await pair.proxied(sent)).status).toBe(200);
  }

  await pair.flags.share('documents.entry', 0);
  for (const [code, { status, from }] of await readAll())
    expect([code, status, from]).toEqual([code, 200, 'cardfile']);
});
