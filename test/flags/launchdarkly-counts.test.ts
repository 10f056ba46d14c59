import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { evaluateNow, readsData, recordingLog, stageData } from './flag-files.ts';
import { openStream, sent } from './launchdarkly-flags.ts';
import { launchDarklyServer, type LaunchDarklyServer } from './launchdarkly-server.ts';

describe('what is sent to LaunchDarkly', () => {
  let server: LaunchDarklyServer;

  beforeEach(async () => {
    server = await launchDarklyServer();
    server.setData({
      flags: { stage: sent('stage', 1, stageData('shadow')), reads: sent('reads', 1, readsData(100)) },
    });
  });

  afterEach(async () => await server.stop());

  it('is counts alone: no routing key leaves', async () => {
    const { log, lines } = recordingLog();
    const flags = await openStream(server, { sendEvents: true, log });
    for (let index = 0; index < 50; index += 1) evaluateNow(flags, `secret-customer-${index}`);
    await flags.close();
    expect(server.events.map(({ path }) => path)).toEqual(['/bulk']);
    const [{ body } = { body: '[]' }] = server.events;
    expect(JSON.parse(body)).toEqual([
      expect.objectContaining({
        kind: 'summary',
        features: {
          stage: expect.objectContaining({
            counters: [expect.objectContaining({ value: 'shadow', count: 1 })],
          }),
          reads: expect.objectContaining({ counters: [expect.objectContaining({ value: true, count: 50 })] }),
        },
      }),
    ]);
    expect(body).not.toContain('secret-customer');
    // The SDK warns that its queue has no room; that is how it is meant.
    expect(lines.filter(({ msg }) => msg.includes('capacity'))).toEqual([]);
  });

  it('is nothing when it is switched off', async () => {
    const flags = await openStream(server, { sendEvents: false });
    evaluateNow(flags, '42');
    await flags.close();
    expect(server.events).toEqual([]);
  });

  it('does not hold up the end when nobody takes it', async () => {
    const flags = await openStream(server, { sendEvents: true });
    evaluateNow(flags, '42');
    await server.stop();
    await flags.close();
    await server.start();
  });
});
