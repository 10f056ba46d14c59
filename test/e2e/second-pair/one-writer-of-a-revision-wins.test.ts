import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentPath } from '#test/second-pair/harness/archive.ts';
import { startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
});
afterAll(() => pair.stop());

test.each(['cardfile', 'vault'] as const)('of ten that write at once, the %s lets one in', async (system) => {
  const path = documentPath('races', 'one');
  const write = async (headers: Record<string, string>): Promise<number[]> => {
    const sent = { method: 'PUT', path, body: { keywords: [] }, headers } as const;
    const answers = await Promise.all(Array.from({ length: 10 }, () => pair.direct(system, sent)));
    return answers.map((answer) => answer.status).toSorted((a, b) => a - b);
  };
  expect(await write({})).toEqual([201, ...Array<number>(9).fill(428)]);
  expect(await write({ 'if-match': '"r1"' })).toEqual([200, ...Array<number>(9).fill(412)]);
  expect(JSON.parse((await pair.direct(system, { method: 'GET', path })).body)).toMatchObject({
    revision: 2,
  });
});

test.each(['cardfile', 'vault'] as const)(
  'of ten equal batches at once, the %s takes one',
  async (system) => {
    const headers = { 'x-archive': 'races' };
    await pair.direct(system, { method: 'PUT', path: '/Devices/r', headers, body: {} });
    const readings = ['light', 'humidity'].map((measure) => {
      return { serial: 'r', takenAt: '2026-02-01T00:00:00Z', measure, value: null };
    });
    const batch = { method: 'POST', path: '/Devices/Readings', headers, body: { readings } } as const;
    const answers = await Promise.all(Array.from({ length: 10 }, () => pair.direct(system, batch)));
    const statuses = answers.map(({ body }) => {
      const { results } = JSON.parse(body) as { results: { status: number }[] };
      return results.map((result) => result.status).join(' ');
    });
    expect(statuses.toSorted((a, b) => a.localeCompare(b))).toEqual([
      ...Array<string>(9).fill('200 200'),
      '201 201',
    ]);
  },
);
