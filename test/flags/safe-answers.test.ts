import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import { createEvaluator } from '#flags/evaluation.ts';
import { createFlagErrors } from '#flags/flag-errors.ts';
import { createFlagStore } from '#flags/flag-store.ts';
import { readFlag, migrationFlag, killSwitch } from '#flags/definitions.ts';
import {
  key,
  killData,
  killFlag,
  now,
  readsData,
  readsFlag,
  recordingLog,
  route,
  stageData,
  stageFlag,
  until,
  type FlagJson,
  type LogLine,
} from './flag-files.ts';
import { openStream, sent } from './launchdarkly-flags.ts';
import { launchDarklyServer, type LaunchDarklyServer } from './launchdarkly-server.ts';

const noStage =
  'this process has not seen a good stage yet and goes by off, so the monolith answers and takes the writes';
const noPosition = 'this process has not seen a good position yet and goes by off, so nothing is killed';

describe('a flag that could never be asked', () => {
  let server: LaunchDarklyServer;
  let flags: Flags | undefined;
  let lines: LogLine[];

  beforeEach(async () => {
    server = await launchDarklyServer();
  });

  afterEach(async () => {
    await flags?.close();
    await server.stop();
  });

  const open = async (data: Record<string, FlagJson>): Promise<Flags> => {
    const recording = recordingLog();
    ({ lines } = recording);
    server.setData({
      flags: Object.fromEntries(Object.entries(data).map(([key, flag]) => [key, sent(key, 1, flag)])),
    });
    flags = await openStream(server, { log: recording.log });
    return flags;
  };

  const errorLines = (): string[] => lines.flatMap(({ level, msg }) => (level >= 50 ? [msg] : []));

  it('is answered safely, counted each time and logged once: unknown', async () => {
    const flags = await open({ stage: stageData('shadow') });
    for (let index = 0; index < 5; index += 1) {
      expect(now(flags.evaluate(route, key('42')))).toMatchObject({
        stage: 'shadow',
        killed: false,
        read: false,
      });
    }
    expect(flags.errors()).toEqual([
      { flag: 'kill', code: 'unknown', count: 1, detail: 'there is no flag "kill"' },
      { flag: 'reads', code: 'unknown', count: 5, detail: 'there is no flag "reads"' },
    ]);
    expect(errorLines()).toEqual([
      `there is no flag "kill"; ${noPosition}`,
      'there is no flag "reads"; the safe answer is given',
    ]);
  });

  it('is answered safely, counted and logged once: of the wrong type', async () => {
    const flags = await open({
      stage: { on: true, variations: ['of', 'shado'], fallthrough: { variation: 1 } },
      reads: readsData(100, { variations: ['true', 'false'] }),
      kill: { on: true, variations: [{ killed: true }], fallthrough: { variation: 0 } },
    });
    expect(flags.stage(stageFlag)).toBe('off');
    expect(flags.killed(killFlag)).toBe(false);
    for (let index = 0; index < 3; index += 1) expect(flags.read(readsFlag, key('42'))).toBe(false);
    expect(errorLines()).toEqual([
      `flag "stage" is "shado", and must be one of off, dualwrite, shadow, live, rampdown, complete; ${noStage}`,
      `flag "kill" is {"killed":true}, and must be true or false; ${noPosition}`,
      'flag "reads" is "true", and must be true or false; the safe answer is given',
    ]);
    expect(flags.errors().map(({ code, count }) => [code, count])).toEqual([
      ['wrong-type', 1],
      ['wrong-type', 1],
      ['wrong-type', 3],
    ]);
  });

  it('is answered safely, counted and logged once: malformed, so that LaunchDarkly’s evaluator errs or throws', async () => {
    const flags = await open({
      stage: { on: true, variations: ['shadow'], fallthrough: { variation: 7 } },
      reads: { on: true, fallthrough: { variation: 0 } },
      kill: killData,
    });
    expect(flags.stage(stageFlag)).toBe('off');
    for (let index = 0; index < 3; index += 1) expect(await flags.read(readsFlag, key('42'))).toBe(false);
    expect(errorLines()).toEqual([
      `flag "stage" cannot be evaluated (MALFORMED_FLAG); ${noStage}`,
      expect.stringMatching(/^flag "reads" cannot be evaluated \(.*undefined.*\); the safe answer is given$/),
    ]);
  });

  it('is answered safely when its data have a shape that cannot be checked', () => {
    const { log, lines } = recordingLog();
    const store = createFlagStore();
    const rules = [{ clauses: [{ op: 'segmentMatch', values: 5 }] }];
    store.init({ features: { reads: { version: 1, rules } } }, () => {});
    const client = { variationDetail: () => Promise.reject(new Error('must not be asked')) };
    const evaluator = createEvaluator({ client, store, errors: createFlagErrors(log), wanted: [] });
    expect(evaluator.read(readsFlag, key('42'))).toBe(false);
    expect(lines.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^flag "reads" has data that cannot be read .*; the safe answer is given$/),
    ]);
  });

  it('is answered safely and without complaint when it is off and has no off variation', async () => {
    const flags = await open({
      stage: stageData('shadow'),
      reads: readsData(100, { on: false, offVariation: null }),
      kill: { ...killData, offVariation: null },
    });
    expect(flags.read(readsFlag, key('42'))).toBe(false);
    expect(flags.killed(killFlag)).toBe(false);
    expect(flags.errors()).toEqual([]);
  });

  it('is answered safely, with a complaint, when it must name a stage, is off and has no off variation', async () => {
    const flags = await open({
      stage: { ...stageData('live'), on: false, offVariation: null },
      kill: killData,
    });
    expect(flags.stage(stageFlag)).toBe('off');
    expect(errorLines()).toEqual([
      `flag "stage" is off and has no off variation, so it has no value; ${noStage}`,
    ]);
  });

  it('stands in the status as long as that is so', async () => {
    const flags = await open({ kill: killData });
    expect(flags.standIns()).toEqual([
      {
        flag: 'stage',
        code: 'unknown',
        detail: `there is no flag "stage"; ${noStage}`,
        answer: 'off',
        lastGood: false,
      },
    ]);
    server.send('patch', { path: '/flags/stage', data: sent('stage', 2, stageData('live')) });
    await until(flags, ({ version }) => version === 2);
    expect(flags.standIns()).toEqual([]);
  });

  it('is answered safely also if it was not announced when the flags were opened', async () => {
    const flags = await open({ other: readsData(100), 'other-stage': stageData('live') });
    expect(flags.read(readFlag('other'), key('42'))).toBe(true);
    expect(flags.stage(migrationFlag('other-stage', 'catalogue'))).toBe('live');
    expect(flags.read(readFlag('nobody'), key('42'))).toBe(false);
    expect(flags.killed(killSwitch('nobody', 'catalogue'))).toBe(false);
  });

  it('does not keep others from being told when a listener fails', async () => {
    const flags = await open({ stage: stageData('shadow'), kill: killData });
    flags.onChange(() => {
      throw new Error('broken listener');
    });
    const told = new Promise<void>((resolve) => void flags.onChange(() => resolve()));
    server.send('patch', { path: '/flags/stage', data: sent('stage', 2, stageData('live')) });
    await told;
    expect(errorLines()).toEqual(['a listener on the flags failed']);
  });
});
