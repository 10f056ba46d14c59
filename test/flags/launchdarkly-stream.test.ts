import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Flags } from '#flags/client.ts';
import {
  evaluateNow,
  key,
  killData,
  now,
  readsData,
  readsFlag,
  recordingLog,
  stageData,
  stageFlag,
  until,
} from './flag-files.ts';
import { openStream, sent } from './launchdarkly-flags.ts';
import { launchDarklyServer, type LaunchDarklyServer } from './launchdarkly-server.ts';

const data = {
  flags: {
    stage: sent('stage', 1, stageData('shadow')),
    reads: sent('reads', 1, readsData(100)),
    kill: sent('kill', 1, killData),
  },
};
const safe = { stage: 'off', killed: false, read: false };

describe('flags from LaunchDarkly’s stream', () => {
  let server: LaunchDarklyServer;
  let flags: Flags | undefined;

  beforeEach(async () => {
    server = await launchDarklyServer();
    server.setData(data);
  });

  afterEach(async () => {
    await flags?.close();
    flags = undefined;
    await server.stop().catch(() => {});
  });

  it('are in force when they are open, and change with every patch', async () => {
    flags = await openStream(server);
    expect(server.streams).toEqual(['sdk-test']);
    expect(flags.status()).toMatchObject({ source: 'launchdarkly', state: 'current', version: 1 });
    expect(evaluateNow(flags, '42')).toEqual({ stage: 'shadow', killed: false, read: true, version: 1 });

    server.send('patch', { path: '/flags/reads', data: sent('reads', 2, readsData(0)) });
    await until(flags, ({ version }) => version === 2);
    expect(evaluateNow(flags, '42')).toEqual({ stage: 'shadow', killed: false, read: false, version: 2 });

    server.send('patch', { path: '/flags/kill', data: sent('kill', 2, { ...killData, on: true }) });
    await until(flags, ({ version }) => version === 3);
    expect(evaluateNow(flags, '42')).toMatchObject({ killed: true });
  });

  it('do not go back to an older version that comes late', async () => {
    flags = await openStream(server);
    server.send('patch', { path: '/flags/stage', data: sent('stage', 5, stageData('live')) });
    await until(flags, ({ version }) => version === 2);
    server.send('patch', { path: '/flags/stage', data: sent('stage', 4, stageData('dualwrite')) });
    server.send('delete', { path: '/flags/stage', version: 3 });
    server.send('patch', { path: '/flags/reads', data: sent('reads', 2, readsData(0)) });
    await until(flags, ({ version }) => version === 3);
    expect(flags.stage(stageFlag)).toBe('live');
  });

  it('stay as last known while the source is gone, and go on when it is back', async () => {
    const { log, lines } = recordingLog();
    flags = await openStream(server, { log });
    await server.stop();
    const gone = await until(flags, ({ state }) => state === 'stale');
    expect(gone).toMatchObject({ version: 1 });
    await until(flags, ({ lastError }) => lastError?.includes('ECONNREFUSED') ?? false);
    expect(evaluateNow(flags, '42')).toEqual({ stage: 'shadow', killed: false, read: true, version: 1 });

    await server.start();
    const back = await until(flags, ({ state }) => state === 'current');
    // Nothing had changed, so nothing did.
    expect(back).toMatchObject({ version: 1, lastError: undefined });

    await server.stop();
    await until(flags, ({ state }) => state === 'stale');
    server.setData({ flags: { ...data.flags, stage: sent('stage', 2, stageData('live')) } });
    await server.start();
    await until(flags, () => flags?.stage(stageFlag) === 'live');
    expect(
      lines.filter(({ level, msg }) => level >= 40 && !msg.startsWith('the last good flags stay in force')),
    ).toEqual([]);
  });

  it('are the safe answers while they never came, and count as soon as they come', async () => {
    await server.stop();
    const { log, lines } = recordingLog();
    flags = await openStream(server, { waitMs: 20, log });
    expect(flags.status()).toMatchObject({ state: 'never-loaded', version: 0 });
    expect(evaluateNow(flags, '42')).toEqual({ ...safe, version: 0 });
    expect(flags.errors()).toEqual([]);
    expect(lines.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(
        /^no flags yet, so every stage counts as off, the monolith answers and takes the writes: /,
      ),
    ]);
    await until(flags, ({ lastError }) => lastError?.includes('ECONNREFUSED') ?? false);

    await server.start();
    await until(flags, ({ state }) => state === 'current');
    expect(evaluateNow(flags, '42')).toEqual({ stage: 'shadow', killed: false, read: true, version: 1 });
  });

  it('are the safe answers when the server takes the connection and says nothing', async () => {
    server.setStatus(500);
    flags = await openStream(server, { waitMs: 20 });
    expect(flags.status()).toMatchObject({ state: 'never-loaded' });
    expect(evaluateNow(flags, '42')).toEqual({ ...safe, version: 0 });
  });

  it('are the safe answers when the key is refused, with the remedy, without waiting out the time', async () => {
    server.setStatus(401);
    flags = await openStream(server, { waitMs: 600_000 });
    expect(flags.status()).toMatchObject({
      state: 'never-loaded',
      lastError: 'error 401 (invalid SDK key); the SDK gave up: correct the SDK key and start again',
    });
    expect(evaluateNow(flags, '42')).toEqual({ ...safe, version: 0 });
  });

  it('are stale after something unreadable, which may have been a change', async () => {
    flags = await openStream(server);
    server.sendRaw('event: patch\ndata: {"path": \n\n');
    const status = await until(flags, ({ state }) => state === 'stale');
    expect(status.lastError).toBe('Malformed JSON data in event stream');
    expect(flags.stage(stageFlag)).toBe('shadow');
  });

  it('come without a segment list and without a flag list as none', async () => {
    flags = await openStream(server);
    server.send('put', { path: '/', data: {} });
    await until(flags, ({ version }) => version === 2);
    expect(now(flags.read(readsFlag, key('42')))).toBe(false);
  });

  it.each(['', 'sdk-key\n', 'sdk key'])('are refused with a key that cannot be sent: %j', async (sdkKey) => {
    await expect(openStream(server, { sdkKey })).rejects.toThrow('the SDK key is empty, or has a space');
    expect(server.streams).toEqual([]);
  });
});
