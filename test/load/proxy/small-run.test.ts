import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { runSlice, type SlicePlan } from './load/slice.ts';
import { startUpstream } from './load/upstream.ts';
import { banyanFull, nodePeers } from './subjects/node-subjects.ts';
import { startSubject } from './subjects/start.ts';

const plan: Omit<SlicePlan, 'port' | 'pids'> = {
  method: 'GET',
  bodyBytes: 190,
  connections: 4,
  keepAlive: true,
  warmUpMs: 0,
  measureMs: 5_000,
  maxRequests: 200,
};

test('200 requests go through Banyan and through a Node peer, each of them whole and right', async () => {
  const upstream = await startUpstream();
  const byHand = nodePeers.filter(({ name }) => name === 'node:http + undici');
  const started = await Promise.all(
    [banyanFull, ...byHand].map((subject) =>
      startSubject(subject, { upstreamPort: upstream.port, core: undefined }),
    ),
  );
  try {
    expect(started).toHaveLength(2);
    for (const { port, pids } of started) {
      const get = await runSlice({ ...plan, port, pids }, upstream);
      expect(get).toMatchObject({ requests: 200, troubles: [] });
      expect(get.latency.p50).toBeGreaterThan(0);
      const post = { ...plan, method: 'POST', bodyBytes: 20_000, keepAlive: false } as const;
      expect(await runSlice({ ...post, port, pids }, upstream)).toMatchObject({
        requests: 200,
        troubles: [],
      });
      const rate = { ...plan, rate: 2_000, measureMs: 50 } as const;
      expect(await runSlice({ ...rate, port, pids }, upstream)).toMatchObject({ troubles: [] });
    }
  } finally {
    await Promise.all(started.map((subject) => subject.stop()));
    upstream.close();
  }
});

test('a proxy that answers something else is found out', async () => {
  const upstream = await startUpstream();
  const wrong = createServer((_request, response) => void response.end('nothing of that kind')).listen(0);
  await once(wrong, 'listening');
  const { port } = wrong.address() as AddressInfo;
  const { troubles } = await runSlice({ ...plan, port, pids: [] }, upstream);
  expect(troubles[0]).toBe('got an answer to another request');
  wrong.closeAllConnections();
  wrong.close();
  await once(wrong, 'close');
  upstream.close();
});
