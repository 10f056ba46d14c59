import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import { stages } from '#flags/stages.ts';
import {
  fileData,
  key,
  now,
  openFile,
  readsData,
  readsFlag,
  route,
  stageData,
  stageFlag,
  testFolder,
  killFlag,
  type TestFolder,
} from './flag-files.ts';

/** More rules than the SDK's evaluator walks through without a promise. */
const manyRules = Array.from({ length: 60 }, (_, index) => ({
  clauses: [{ contextKind: 'routing-key', attribute: 'key', op: 'in', values: [`vip-${index}`] }],
  variation: 0,
}));

describe('one request', () => {
  let files: TestFolder;
  let flags: Flags | undefined;

  beforeEach(() => {
    files = testFolder();
  });

  afterEach(async () => {
    await flags?.close();
    files.remove();
  });

  const open = async (data: unknown): Promise<Flags> => {
    files.write(data);
    flags = await openFile(files.path);
    return flags;
  };

  it('gets stage, share and kill switch together and at once', async () => {
    const flags = await open(fileData({ reads: readsData(100) }));
    expect(now(flags.evaluate(route, key('42')))).toEqual({
      stage: 'shadow',
      killed: false,
      read: true,
      version: 1,
    });
  });

  it('without a key is never evaluated: the monolith answers, even at 100 %', async () => {
    const flags = await open(fileData({ reads: readsData(100) }));
    expect(now(flags.evaluate(route, undefined))).toEqual({
      stage: 'shadow',
      killed: false,
      read: false,
      version: 1,
    });
  });

  it('of a route without read flag or kill switch has none', async () => {
    const flags = await open(fileData());
    expect(now(flags.evaluate({ migration: stageFlag }, key('42')))).toEqual({
      stage: 'shadow',
      killed: false,
      read: false,
      version: 1,
    });
  });

  it.each(stages)('asks for its share only where it counts: %s', async (stage) => {
    const flags = await open(fileData({ stage: stageData(stage), reads: readsData(100) }));
    expect(now(flags.evaluate(route, key('42')))).toMatchObject({ stage, read: stage === 'shadow' });
    expect(flags.read(readsFlag, key('42'))).toBe(true);
  });

  it('is killed before its share is looked at', async () => {
    const flags = await open({ ...fileData({ reads: readsData(100) }), flagValues: { kill: true } });
    expect(flags.killed(killFlag)).toBe(true);
    expect(now(flags.evaluate(route, key('42')))).toEqual({
      stage: 'shadow',
      killed: true,
      read: false,
      version: 1,
    });
  });

  it('sees one state of the flags, however often they change: killed and shared never meet', async () => {
    const shared = fileData({ reads: readsData(100) });
    const killed = {
      ...fileData({ stage: stageData('live'), reads: readsData(0) }),
      flagValues: { kill: true },
    };
    const flags = await open(shared);
    const seen = new Set<string>();
    // Right when it changes, with kept answers of before.
    flags.onChange(() => record());
    const record = (): void => {
      const { stage, killed, read } = now(flags.evaluate(route, key('42')));
      seen.add(`${stage} ${killed} ${read}`);
    };
    for (let round = 0; round < 10; round += 1) {
      const before = flags.status().version;
      files.write(round % 2 === 0 ? killed : shared);
      while (flags.status().version === before) {
        record();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    expect([...seen].sort()).toEqual(['live true false', 'shadow false true']);
  });

  it('waits for flags that LaunchDarkly’s evaluator cannot answer at once, and gets one answer too', async () => {
    const rules = manyRules.map((rule) => ({
      ...rule,
      clauses: rule.clauses.map((clause) => ({ ...clause, contextKind: 'migration' })),
    }));
    const flags = await open({
      flags: {
        stage: { ...stageData('shadow'), rules },
        reads: readsData(0, { rules: manyRules }),
        kill: { on: true, variations: [true, false], fallthrough: { variation: 1 }, rules },
      },
    });
    const answers = ['vip-59', '42'].map((text) => flags.evaluate(route, key(text)));
    expect(answers.every((answer) => answer instanceof Promise)).toBe(true);
    expect([await answers[0], await answers[1]]).toEqual([
      { stage: 'shadow', killed: false, read: true, version: 1 },
      { stage: 'shadow', killed: false, read: false, version: 1 },
    ]);
    expect(flags.stage(stageFlag)).toBe('shadow');
    expect(flags.killed(killFlag)).toBe(false);
    expect(now(flags.evaluate(route, undefined))).toMatchObject({ stage: 'shadow' });
    await expect(flags.read(readsFlag, key('vip-1'))).resolves.toBe(true);
  });
});
