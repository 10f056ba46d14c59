import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import { stages } from '#flags/stages.ts';
import {
  evaluateNow,
  killData,
  killFlag,
  readsData,
  recordingLog,
  stageData,
  stageFlag,
  until,
  type FlagJson,
  type LogLine,
} from './flag-files.ts';
import { openStream, sent } from './launchdarkly-flags.ts';
import { launchDarklyServer, type LaunchDarklyServer } from './launchdarkly-server.ts';

const overUsers = {
  rollout: { contextKind: 'user', variations: [{ variation: 0, weight: 100_000 }] },
};
/** All the ways in which a flag can become one that cannot be asked. */
const spoilt: readonly (readonly [string, string, FlagJson])[] = [
  ['has another type', 'wrong-type', { variations: stages.map((_stage, at) => at) }],
  ['is rolled out over users', 'wrong-rollout', { fallthrough: overUsers }],
  ['points to no variation', 'evaluation', { fallthrough: { variation: 99 } }],
  ['is off and has no off variation', 'no-value', { on: false, offVariation: null }],
];

describe('the last good stage from LaunchDarkly', () => {
  let server: LaunchDarklyServer;
  let flags: Flags;
  let lines: LogLine[];

  beforeEach(async () => {
    server = await launchDarklyServer();
    server.setData({
      flags: {
        stage: sent('stage', 1, stageData('shadow')),
        reads: sent('reads', 1, readsData(100)),
        kill: sent('kill', 1, { ...killData, on: true }),
      },
    });
    const recording = recordingLog();
    ({ lines } = recording);
    flags = await openStream(server, { log: recording.log });
  });

  afterEach(async () => {
    await flags.close();
    await server.stop();
  });

  const after = async (event: 'patch' | 'delete', data: FlagJson): Promise<void> => {
    const { version } = flags.status();
    server.send(event, data);
    await until(flags, (status) => status.version > version);
  };
  const patch = async (key: string, version: number, flag: FlagJson): Promise<void> =>
    after('patch', { path: `/flags/${key}`, data: sent(key, version, flag) });
  const errorLines = (): string[] => lines.flatMap(({ level, msg }) => (level >= 50 ? [msg] : []));

  it('stays in force when the flag is deleted, although nobody had asked for it', async () => {
    await patch('stage', 2, stageData('live'));
    await after('delete', { path: '/flags/stage', version: 3 });
    expect(evaluateNow(flags, '42')).toMatchObject({ stage: 'live' });
    const detail = 'there is no flag "stage"; its last good value, live, stays in force';
    expect(flags.standIns()).toEqual([
      { flag: 'stage', code: 'unknown', detail, answer: 'live', lastGood: true },
    ]);
    expect(errorLines()).toEqual([detail]);
    expect(flags.errors()).toEqual([
      { flag: 'stage', code: 'unknown', count: 1, detail: 'there is no flag "stage"' },
    ]);
  });

  it('stays in force when all flags are gone at once, as with the key of an empty environment', async () => {
    server.send('put', { path: '/', data: { flags: {}, segments: {} } });
    await until(flags, ({ version }) => version === 2);
    expect(evaluateNow(flags, '42')).toEqual({ stage: 'shadow', killed: true, read: false, version: 2 });
  });

  it.each(spoilt)('stays in force when the flag %s, until it is mended', async (_name, code, more) => {
    await patch('stage', 2, stageData('live'));
    await patch('stage', 3, { ...stageData('off'), ...more });
    expect(evaluateNow(flags, '42')).toMatchObject({ stage: 'live' });
    expect(flags.stage(stageFlag)).toBe('live');
    expect(flags.standIns()).toMatchObject([{ flag: 'stage', code, answer: 'live', lastGood: true }]);
    expect(errorLines()).toEqual([
      expect.stringMatching(/^flag "stage" .*; its last good value, live, stays in force$/),
    ]);

    await patch('stage', 4, stageData('rampdown'));
    expect(flags.stage(stageFlag)).toBe('rampdown');
    expect(flags.standIns()).toEqual([]);
  });

  it('does not outlive a good wish for another, off among them', async () => {
    await patch('stage', 2, stageData('off'));
    expect(flags.stage(stageFlag)).toBe('off');
    await after('delete', { path: '/flags/stage', version: 3 });
    expect(flags.stage(stageFlag)).toBe('off');
    expect(flags.standIns()).toMatchObject([{ answer: 'off', lastGood: true }]);
  });

  it('has its like in the kill switch, which does not let go when it is deleted', async () => {
    await after('delete', { path: '/flags/kill', version: 2 });
    expect(flags.killed(killFlag)).toBe(true);
    expect(errorLines()).toEqual(['there is no flag "kill"; its last good value, on, stays in force']);
    await patch('kill', 3, { ...killData, on: true, offVariation: null });
    expect(flags.standIns()).toEqual([]);
    // Turned off by hand, it is off, whatever else it lacks.
    await patch('kill', 4, { ...killData, on: false, offVariation: null });
    expect(flags.killed(killFlag)).toBe(false);
    expect(flags.standIns()).toEqual([]);
  });

  it('is no help to a process that starts when the flag is gone: that goes by off, and says so', async () => {
    const recording = recordingLog();
    server.setData({ flags: { reads: sent('reads', 1, readsData(100)), kill: sent('kill', 1, killData) } });
    const late = await openStream(server, { log: recording.log });
    expect(late.stage(stageFlag)).toBe('off');
    const detail =
      'there is no flag "stage"; this process has not seen a good stage yet and goes by off, so the monolith answers and takes the writes';
    expect(late.standIns()).toEqual([
      { flag: 'stage', code: 'unknown', detail, answer: 'off', lastGood: false },
    ]);
    expect(recording.lines.flatMap(({ level, msg }) => (level >= 50 ? [msg] : []))).toEqual([detail]);
    await late.close();
  });
});
