import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fillBoth, readsOf } from '#test/second-pair/harness/archive.ts';
import { statusWhere } from '#test/second-pair/harness/flag-file.ts';
import { sidesOf, startSecondPair, type SecondPair } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'flags');
  await pair.flags.shadow('documents', 50);
  await pair.flags.stage('devices', 'live');
});
afterAll(() => pair.stop());

const sides = (): Promise<unknown[]> => sidesOf(pair, readsOf('flags'));

test('what is in force stays so while the file is broken, and the admin port shows why', async () => {
  const good = await readFile(pair.flags.file, 'utf8');
  const before = await sides();
  expect(new Set(before)).toEqual(new Set(['cardfile', 'vault']));
  const broken: [RegExp, () => Promise<void>][] = [
    [/JSON/i, () => writeFile(pair.flags.file, good.slice(0, -30))],
    [
      /documents\.entry/,
      () => writeFile(pair.flags.file, good.replace('"documents.entry"', '"documents.entries"')),
    ],
    [/weights that sum to 100000/, () => writeFile(pair.flags.file, good.replace('50000', '50001'))],
    [/no such file/, () => rm(pair.flags.file)],
  ];
  for (const [said, breakIt] of broken) {
    await breakIt();
    const { flags, migrations } = await statusWhere(pair.proxy, ({ flags }) =>
      said.test(flags.lastError ?? ''),
    );
    expect(flags.state).toBe('stale');
    expect(migrations).toMatchObject({ documents: { stage: 'shadow' }, devices: { stage: 'live' } });
    expect(await sides()).toEqual(before);
  }
  await writeFile(pair.flags.file, good);
  const mended = await statusWhere(pair.proxy, ({ flags }) => flags.state === 'current');
  expect(mended.flags.lastError).toBeUndefined();
  await pair.flags.shadow('documents', 0);
  expect(await sides()).not.toEqual(before);
});
