import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { documentPath, oddCodes } from '#test/second-pair/harness/archive.ts';
import type { Sent } from '#test/second-pair/harness/client.ts';
import { sidesOf, startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await pair.flags.stage('documents', 'shadow');
});
afterAll(() => pair.stop());

const code = fc.oneof(
  fc.constantFrom(...oddCodes),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((text) => text.isWellFormed() && !/[\p{Cc}/\\]/u.test(text) && !/^\.{1,2}$/.test(text)),
);
/** Percents, as the flag file can hold them. */
const share = fc.integer({ min: 0, max: 100_000 }).map((weight) => weight / 1_000);

/** Whether they exist does not matter: the side is decided before. */
function readOf(text: string): Sent {
  return { method: 'GET', path: documentPath('keys', text) };
}

test('whoever has come to the vault stays there, whatever its key and the shares are', async () => {
  const keys = fc.uniqueArray(code, { minLength: 10, maxLength: 20 });
  const shares = fc
    .array(share, { minLength: 3, maxLength: 5 })
    .map((list) => list.toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(keys, shares, async (texts, rising) => {
      const arrived = new Set<string>();
      for (const percent of [0, ...rising, 100]) {
        await pair.flags.share('documents.entry', percent);
        const sides = await sidesOf(pair, texts.map(readOf));
        for (const [index, text] of texts.entries()) {
          const side = sides[index];
          if (side === 'vault') arrived.add(text);
          expect([text, percent, side]).toEqual([text, percent, arrived.has(text) ? 'vault' : 'cardfile']);
        }
        if (percent === 0) expect(arrived).toEqual(new Set());
      }
      expect(arrived).toEqual(new Set(texts));
    }),
    { numRuns: 6 },
  );
});

test('every proxy on the same flags decides alike, and so does one that starts later', async () => {
  await pair.flags.share('documents.entry', 50);
  const reads = Array.from({ length: 60 }, (_, index) => readOf(`Nr. ${index}`));
  const before = await sidesOf(pair, reads);
  expect(new Set(before)).toEqual(new Set(['cardfile', 'vault']));
  const later = await pair.anotherProxy();
  try {
    for (const [index, sent] of reads.entries())
      expect([sent.path, (await pair.proxied(sent, later)).from]).toEqual([sent.path, before[index]]);
  } finally {
    await later.stop();
  }
});
