import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { devicePath, documentPath, fillBoth, oddCodes } from '#test/second-pair/harness/archive.ts';
import { sidesOf, startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'spelled');
  await pair.flags.shadow('documents', 50);
  await pair.flags.shadow('devices', 50);
});
afterAll(() => pair.stop());

/** Every byte percent-encoded but the dot, whose encoding no proxy may let through. */
function encodedWhole(text: string): string {
  return Array.from(Buffer.from(text), (byte) => (byte === 0x2e ? '.' : `%${byte.toString(16)}`)).join('');
}

/** As little encoded as the proxy takes. */
function encodedLeast(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:3A|2B|26|3D|3B|40|24|2C)/g, decodeURIComponent);
}

test('a code has one side, percent-encoded whole, in part or not', async () => {
  const sides = new Set<string>();
  for (const code of oddCodes) {
    const answers = [];
    for (const segment of [encodeURIComponent(code), encodedWhole(code), encodedLeast(code)])
      answers.push(await pair.proxied({ method: 'GET', path: `/Archives/spelled/Documents/${segment}` }));
    const [{ from, body }] = answers as [(typeof answers)[0]];
    sides.add(String(from));
    expect(JSON.parse(body)).toMatchObject({ code });
    for (const answer of answers) expect(answer).toMatchObject({ from, body, status: 200 });
  }
  expect(sides).toEqual(new Set(['cardfile', 'vault']));
});

test('all addresses of one document have its side', async () => {
  for (const code of oddCodes) {
    const path = documentPath('spelled', code);
    const { from } = await pair.proxied({ method: 'GET', path });
    expect((await pair.proxied({ method: 'GET', path: `${path}/Slip` })).from).toBe(from);
    expect((await pair.proxied({ method: 'GET', path: `${path}/` })).from).toBe(from);
    expect((await pair.proxied({ method: 'GET', path: `${path}?x=1` })).from).toBe(from);
  }
});

test('the case of the path does not count, that of the key does', async () => {
  for (const code of ['A.1:2024', 'a.1:2024']) {
    const known = await pair.proxied({ method: 'GET', path: documentPath('spelled', code) });
    for (const path of [`/archives/spelled/documents/${code}`, `/ARCHIVES/spelled/DOCUMENTS/${code}`])
      expect(await pair.proxied({ method: 'GET', path })).toMatchObject({
        from: known.from,
        body: known.body,
      });
  }
  const sides = new Set<string>();
  for (let index = 0; index < 20; index += 1) {
    const spellings = [`K${index}`, `k${index}`].map((code) => documentPath('spelled', code));
    sides.add(
      String(
        await sidesOf(
          pair,
          spellings.map((path) => ({ method: 'GET', path })),
        ),
      ),
    );
  }
  expect(sides.size).toBeGreaterThan(2);
});

test('a key in a header counts for all devices of an archive, whatever the path is', async () => {
  const sides = new Set<string>();
  for (const archive of ['spelled', ...Array.from({ length: 12 }, (_, index) => `archive.${index}`)]) {
    const headers = { 'X-Archive': archive };
    const { from } = await pair.proxied({ method: 'GET', path: '/Devices', headers });
    sides.add(String(from));
    const devices = oddCodes
      .slice(0, 5)
      .map((code) => ({ method: 'GET', path: devicePath(code), headers }) as const);
    expect(new Set(await sidesOf(pair, devices))).toEqual(new Set([from]));
  }
  expect(sides).toEqual(new Set(['cardfile', 'vault']));
});
