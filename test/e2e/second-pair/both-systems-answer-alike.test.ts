import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aboutDevices, aboutDocuments } from '#test/second-pair/harness/conversation.ts';
import { essence } from '#test/second-pair/harness/client.ts';
import { fillBoth, readsOf } from '#test/second-pair/harness/archive.ts';
import { startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
});
afterAll(() => pair.stop());

describe.each([
  ['documents', aboutDocuments],
  ['devices', aboutDevices],
] as const)('%s', (domain, conversation) => {
  test('every line of the conversation gets its status, and the same answer from both', async () => {
    for (const [status, sent] of conversation(`alike.${domain}`)) {
      const old = await pair.direct('cardfile', sent);
      expect([sent, old.status, old.body]).toEqual([sent, status, old.body]);
      expect([sent, essence(await pair.direct('vault', sent))]).toEqual([sent, essence(old)]);
    }
  });
});

test('rows that are alike are read alike, whatever their codes and nulls are', async () => {
  await fillBoth(pair, 'rows');
  const statuses = new Set<number>();
  for (const sent of readsOf('rows')) {
    const old = await pair.direct('cardfile', sent);
    statuses.add(old.status);
    expect([sent, essence(await pair.direct('vault', sent))]).toEqual([sent, essence(old)]);
  }
  expect(statuses).toEqual(new Set([200, 303, 404]));
});
