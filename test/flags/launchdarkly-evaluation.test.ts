import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import { routingKey } from '#flags/definitions.ts';
import {
  evaluateNow,
  fileData,
  key,
  openFile,
  readsData,
  readsFlag,
  stageData,
  stageFlag,
  testFolder,
  type FlagJson,
  type TestFolder,
} from './flag-files.ts';
import { inShare } from './bucketing.ts';

const list = Array.from({ length: 150 }, (_, index) => `listed-${index}`);

describe('what LaunchDarkly’s evaluator knows works from the file', () => {
  let files: TestFolder;
  let flags: Flags | undefined;

  beforeEach(() => {
    files = testFolder();
  });

  afterEach(async () => {
    await flags?.close();
    files.remove();
  });

  const reads = async (
    more: FlagJson,
    rest: { flags?: Record<string, FlagJson>; segments?: Record<string, FlagJson> } = {},
  ) => {
    const { segments = {} } = rest;
    files.write({ ...fileData({ reads: readsData(0, more), ...rest.flags }), segments });
    flags = await openFile(files.path);
    return (text: string): boolean => evaluateNow(flags as Flags, text).read;
  };

  it('off variation', async () => {
    const read = await reads({ on: false, offVariation: 0 });
    expect(read('42')).toBe(true);
  });

  it('targets by context kind', async () => {
    const read = await reads({
      contextTargets: [{ contextKind: 'routing-key', values: ['vip'], variation: 0 }],
    });
    expect([read('vip'), read('42')]).toEqual([true, false]);
  });

  it('rules with clauses, null for what is not there', async () => {
    const clauses = [
      { contextKind: 'routing-key', attribute: 'key', op: 'startsWith', values: ['tenant-7/'], negate: null },
    ];
    const read = await reads({ rules: [{ id: 'pilot', clauses, variation: 0, rollout: null }] });
    expect([read('tenant-7/anna'), read('tenant-77/anna')]).toEqual([true, false]);
  });

  it('segments, also long ones and ones within others', async () => {
    const clause = (segment: string) => ({ attribute: '', op: 'segmentMatch', values: [segment] });
    const read = await reads(
      { rules: [{ clauses: [clause('outer')], variation: 0 }] },
      {
        segments: {
          outer: { rules: [{ clauses: [clause('inner')] }] },
          inner: {
            includedContexts: [{ contextKind: 'routing-key', values: list }],
            excludedContexts: [{ contextKind: 'routing-key', values: ['no'] }],
          },
        },
      },
    );
    expect([read('listed-0'), read('listed-149'), read('42'), read('no')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('prerequisites', async () => {
    const gate = (on: boolean): Record<string, FlagJson> => ({
      gate: { on, variations: [true, false], offVariation: 1, fallthrough: { variation: 0 } },
    });
    const more = { fallthrough: { variation: 0 }, prerequisites: [{ key: 'gate', variation: 0 }] };
    const closed = await reads(more, { flags: gate(false) });
    expect(closed('42')).toBe(false);
    await flags?.close();
    const opened = await reads(more, { flags: gate(true) });
    expect(opened('42')).toBe(true);
  });

  it('the stage by the migration’s name', async () => {
    const clauses = [{ contextKind: 'migration', attribute: 'key', op: 'in', values: ['catalogue'] }];
    await reads({}, { flags: { stage: { ...stageData('off'), rules: [{ clauses, variation: 3 }] } } });
    expect(flags?.stage(stageFlag)).toBe('live');
  });

  it('a seed instead of key and salt', async () => {
    const variations = [
      { variation: 0, weight: 30_000 },
      { variation: 1, weight: 70_000 },
    ];
    const read = await reads({
      fallthrough: { rollout: { kind: 'experiment', contextKind: 'routing-key', seed: 61, variations } },
    });
    const texts = Array.from({ length: 300 }, (_, index) => `${index}`);
    const expected = texts.filter((text) => inShare({ prefix: '61', key: text, weight: 30_000 }));
    expect(texts.filter((text) => read(text))).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });

  it('keys of any text, each its own', async () => {
    const texts = ['Ünïcode 🌳', '\u0000', ' ', 'null', '{"a":1}', 'x'.repeat(5_000)];
    const values = texts.map((text) => routingKey(text) as string);
    const read = await reads({ contextTargets: [{ contextKind: 'routing-key', values, variation: 0 }] });
    expect(texts.map((text) => read(text))).toEqual(texts.map(() => true));
    expect(read('x'.repeat(5_001))).toBe(false);
    expect(flags?.read(readsFlag, key('42'))).toBe(false);
  });
});
