import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import { evaluateNow, readsData, recordingLog, stageData, until, type FlagJson } from './flag-files.ts';
import { openStream, sent } from './launchdarkly-flags.ts';
import { launchDarklyServer, type LaunchDarklyServer } from './launchdarkly-server.ts';

const everybody = [
  { variation: 0, weight: 1_000 },
  { variation: 1, weight: 99_000 },
];

function rolledOut(rollout: FlagJson): FlagJson {
  return { ...readsData(0), fallthrough: { rollout: { variations: everybody, ...rollout } } };
}

describe('a rollout from LaunchDarkly that would give everyone the first variation', () => {
  let server: LaunchDarklyServer;
  let flags: Flags | undefined;

  beforeEach(async () => {
    server = await launchDarklyServer();
  });

  afterEach(async () => {
    await flags?.close();
    await server.stop();
  });

  it.each<[string, FlagJson]>([
    ['over users, by default', {}],
    ['over users', { contextKind: 'user' }],
    ['by another attribute', { contextKind: 'routing-key', bucketBy: 'country' }],
  ])('gets the safe answer and one line in the log: %s', async (_name, rollout) => {
    const { log, lines } = recordingLog();
    const stage = sent('stage', 1, stageData('shadow'));
    server.setData({ flags: { stage, reads: sent('reads', 1, rolledOut(rollout)) } });
    flags = await openStream(server, { log });
    const told = (): string[] =>
      lines.flatMap(({ level, flag, msg }) => (level >= 50 && flag === 'reads' ? [msg] : []));
    expect(told()).toEqual([
      expect.stringMatching(/^flag "reads" cannot be asked as a read flag: .*; the safe answer is given$/),
    ]);
    for (let index = 0; index < 100; index += 1) expect(evaluateNow(flags, `${index}`).read).toBe(false);
    expect(told()).toHaveLength(1);
    expect(flags.errors()).toContainEqual(
      expect.objectContaining({ flag: 'reads', code: 'wrong-rollout', count: 100 }),
    );

    // Mended, it counts; broken again, it is told again.
    server.send('patch', { path: '/flags/reads', data: sent('reads', 2, readsData(100)) });
    await until(flags, ({ version }) => version === 2);
    expect(evaluateNow(flags, '42').read).toBe(true);
    server.send('patch', { path: '/flags/reads', data: sent('reads', 3, rolledOut(rollout)) });
    await until(flags, ({ version }) => version === 3);
    expect(evaluateNow(flags, '42').read).toBe(false);
    expect(told()).toHaveLength(2);
  });

  it('is found in a segment that comes later', async () => {
    const rules = [{ variation: 0, clauses: [{ attribute: '', op: 'segmentMatch', values: ['some'] }] }];
    const stage = sent('stage', 1, stageData('shadow'));
    server.setData({ flags: { stage, reads: sent('reads', 1, readsData(0, { rules })) } });
    flags = await openStream(server);
    expect(evaluateNow(flags, '42').read).toBe(false);
    expect(flags.errors().filter(({ code }) => code === 'wrong-rollout')).toEqual([]);
    const some = {
      key: 'some',
      version: 1,
      included: [],
      excluded: [],
      salt: 's',
      rules: [{ clauses: [], weight: 50_000 }],
    };
    server.send('patch', { path: '/segments/some', data: some });
    await until(flags, ({ version }) => version === 2);
    expect(evaluateNow(flags, '42').read).toBe(false);
    expect(flags.errors()).toContainEqual(
      expect.objectContaining({ flag: 'reads', code: 'wrong-rollout', count: 1 }),
    );
  });
});
