import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assert, asyncProperty, integer, nat, oneof, string, uniqueArray } from 'fast-check';
import type { Flags } from '#flags/client.ts';
import { setShare } from '#flags/edit-file.ts';
import { inShare } from './bucketing.ts';
import {
  evaluateNow,
  fileData,
  openFile,
  readsData,
  testFolder,
  until,
  type TestFolder,
} from './flag-files.ts';

const keys = uniqueArray(oneof(string({ minLength: 1, unit: 'binary' }), nat().map(String)), {
  minLength: 40,
  maxLength: 120,
});
const shares = uniqueArray(integer({ min: 0, max: 100_000 }), { minLength: 3, maxLength: 5 }).map((weights) =>
  weights.sort((a, b) => a - b),
);

describe('while a share only rises', () => {
  let files: TestFolder;
  const open = new Set<Flags>();

  beforeEach(() => {
    files = testFolder();
  });

  afterEach(async () => {
    for (const flags of open) await flags.close();
    open.clear();
    files.remove();
  });

  it('keys are only added to the service, alike on two clients, after a restart, and as LaunchDarkly buckets', async () => {
    await assert(
      asyncProperty(keys, shares, string(), async (keys, weights, salt) => {
        files.write(fileData({ reads: readsData(0, { salt }) }));
        const clients = [await openFile(files.path), await openFile(files.path)];
        for (const flags of clients) open.add(flags);
        let before = new Set<string>();
        for (const weight of weights) {
          const versions = clients.map((flags) => flags.status().version);
          const { from, to } = await setShare({ file: files.path, flag: 'reads', percent: weight / 1_000 });
          if (from !== to) {
            await Promise.all(
              clients.map((flags, index) => until(flags, ({ version }) => version > (versions[index] ?? 0))),
            );
          }
          const restarted = await openFile(files.path);
          open.add(restarted);
          const [first = new Set<string>(), ...others] = [...clients, restarted].map((flags) =>
            onService(flags, keys),
          );
          for (const other of others) expect(other).toEqual(first);
          expect([...before].filter((key) => !first.has(key))).toEqual([]);
          expect([...first]).toEqual(keys.filter((key) => inShare({ prefix: `reads.${salt}`, key, weight })));
          before = first;
          await restarted.close();
          open.delete(restarted);
        }
        for (const flags of clients) {
          await flags.close();
          open.delete(flags);
        }
      }),
      { numRuns: 15 },
    );
  });
});

function onService(flags: Flags, keys: readonly string[]): Set<string> {
  return new Set(keys.filter((text) => evaluateNow(flags, text).read));
}
