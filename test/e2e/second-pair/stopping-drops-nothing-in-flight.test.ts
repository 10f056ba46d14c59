import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { documentPath, fillBoth, oddCodes } from '#test/second-pair/harness/archive.ts';
import { startSecondPair, type Proxied } from '#test/second-pair/harness/pair.ts';

test('what a system has got is answered whole, on both sides; then nothing is taken any more', async () => {
  const pair = await startSecondPair();
  try {
    await fillBoth(pair, 'drain');
    await pair.flags.shadow('documents', 50);
    const expected = new Map<string, string>();
    for (const code of oddCodes)
      expected.set(
        code,
        (await pair.direct('cardfile', { method: 'GET', path: documentPath('drain', code) })).body,
      );

    const doors = [pair.cardfile.hold(), pair.vault.hold()];
    const load = oddCodes.map(async (code): Promise<[string, Proxied]> => {
      return [code, await pair.proxied({ method: 'GET', path: documentPath('drain', code) })];
    });
    const written = pair.proxied({
      method: 'PUT',
      path: documentPath('drain', 'at the end'),
      body: { title: 'x' },
    });
    while (doors.reduce((sum, door) => sum + door.waiting(), 0) < oddCodes.length + 1) await turn();

    const stopped = pair.proxy.stop();
    while ((await pair.proxy.status()).state !== 'draining') await turn();
    expect((await pair.proxy.status()).running).toBe(oddCodes.length + 1);
    for (const door of doors) door.release();

    const from = new Set<string>();
    for (const [code, answer] of await Promise.all(load)) {
      from.add(String(answer.from));
      expect([code, answer.status, answer.body]).toEqual([code, 200, expected.get(code)]);
    }
    expect(from).toEqual(new Set(['cardfile', 'vault']));
    expect(await written).toMatchObject({ status: 201, from: 'cardfile' });
    await stopped;
    await expect(pair.proxied({ method: 'GET', path: '/Devices' })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  } finally {
    await pair.stop();
  }
});

test('under load, every request that reached a system is answered', async () => {
  const pair = await startSecondPair();
  try {
    await fillBoth(pair, 'load');
    await pair.flags.shadow('documents', 50);
    const answered = new Set<string>();
    let stopping = false;
    const client = async (name: string): Promise<void> => {
      for (let index = 0; ; index += 1) {
        const mark = `${name}-${index}`;
        const path = `${documentPath('load', oddCodes[index % oddCodes.length] ?? '')}?mark=${mark}`;
        const answer = await pair.proxied({ method: 'GET', path }).catch(() => undefined);
        if (answer === undefined) {
          if (!stopping) throw new Error(`${mark} failed before the stop`);
          return;
        }
        expect([mark, answer.status]).toEqual([mark, 200]);
        answered.add(mark);
      }
    };
    const clients = Array.from({ length: 8 }, (_, index) => client(`c${index}`));
    while (answered.size < 200) await turn();
    stopping = true;
    await pair.proxy.stop();
    await Promise.all(clients);
    const arrived = [...pair.cardfile.received, ...pair.vault.received].flatMap(
      ({ url }) => /[?]mark=(.+)$/.exec(url)?.[1] ?? [],
    );
    expect(arrived.filter((mark) => !answered.has(mark))).toEqual([]);
    expect(arrived.length).toBe(answered.size);
  } finally {
    await pair.stop();
  }
});
