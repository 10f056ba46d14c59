import { expect, test } from '@jest/globals';
import { assert, asyncProperty, constantFrom, tuple } from 'fast-check';
import { fuzzParameters, longTimeout, showProgress } from '#test/support/long-run.ts';
import {
  findPeer,
  missingPeer,
  peerNames,
  startPeer,
  type PeerName,
  type RunningPeer,
} from '#test/support/peers/installed-peer.ts';
import { validResponses, type GeneratedResponse } from '#test/support/raw-http/generated-messages.ts';
import { connectRaw, type RawClient } from '#test/support/raw-http/raw-client.ts';
import type { Script } from '#test/support/raw-http/recording-upstream.ts';
import { startUpstream } from '#test/support/raw-http/recording-upstream.ts';
import type { Message } from '#test/support/raw-http/strict-parser.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/**
 * Answers pass Banyan and nginx or HAProxy in both orders: a peer in front must take what we send to clients, and we
 * must take what it makes of an answer. nginx passes on 1xx and what `Connection` nominates, so that these are asked
 * of our side alone. `FUZZ_RUNS` sets the number of cases (150 of each order).
 */
const parameters = fuzzParameters(150);
const total = parameters.numRuns;
/** What each hop writes anew, or nginx puts in place of the upstream's own. */
const perHop = /^(?:connection|keep-alive|content-length|transfer-encoding|date|server)$/;
const interims = constantFrom('', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
const cases = tuple(validResponses, constantFrom('GET', 'POST', 'HEAD'), interims);

interface Hops {
  /** Opens a connection to the first hop. */
  connect(): Promise<RawClient>;
  /** Sets what the upstream says next. */
  next(answer: { readonly response: GeneratedResponse; readonly interim: string } | undefined): void;
  /** Drops what the upstream recorded. */
  forget(): void;
  /** Answers by us in place of the upstream's. */
  failures(): readonly (string | undefined)[];
}

/** Runs the test with Banyan → peer → upstream, or peer → Banyan → upstream. */
async function withHops(
  name: PeerName,
  order: 'peer behind' | 'peer in front',
  run: (hops: Hops) => Promise<void>,
): Promise<void> {
  let said: Parameters<Hops['next']>[0];
  const script: Script = (request) => {
    if (said === undefined)
      return `HTTP/1.1 200 OK\r\nContent-Length: ${request.target.length}\r\n\r\n${request.target}`;
    const { bytes, closes } = said.response.answer(request.method);
    const text = Buffer.from(said.interim + bytes, 'latin1');
    return ({ socket }) => (closes ? socket.end(text) : socket.write(text));
  };
  const upstream = await startUpstream({ script });
  let peer: RunningPeer | undefined;
  try {
    if (order === 'peer behind') peer = await startPeer(name, upstream.port);
    const url = `http://127.0.0.1:${peer?.port ?? upstream.port}`;
    await withProxy({ upstreamOptions: { url, maxConnections: 1 } }, async (proxy) => {
      peer ??= await startPeer(name, proxy.plane.port);
      const port = order === 'peer behind' ? proxy.plane.port : peer.port;
      await run({
        connect: async () => await connectRaw({ port }),
        forget: () => upstream.forget(),
        next: (answer) => (said = answer),
        failures: () => proxy.reports.flatMap(({ failure }) => failure ?? []),
      });
    });
  } finally {
    await peer?.stop();
    await upstream.close();
  }
}

/** nginx drops lines of an answer that have no value, or a name with other characters than these. */
const kept: Record<PeerName, (name: string, value: string) => boolean> = {
  nginx: (name, value) => /^[a-z0-9_-]+$/.test(name) && value !== '',
  haproxy: () => true,
};

/** Values by name: the order among lines of one name means something, the order of names does not. */
function byName(peer: PeerName, headers: Message['headers']): Record<string, string[]> {
  const values: Record<string, string[]> = Object.create(null);
  for (const [spelling, value] of headers) {
    const name = spelling.toLowerCase();
    if (!perHop.test(name) && kept[peer](name, value)) (values[name] ??= []).push(value);
  }
  return values;
}

for (const name of peerNames) {
  const installed = findPeer(name) !== undefined;
  if (!installed) process.stderr.write(missingPeer(name));
  const testWithPeer = installed ? test : test.skip;

  testWithPeer.each(['peer in front', 'peer behind'] as const)(
    `an answer through Banyan and ${name} is the upstream’s (%s)`,
    async (order) => {
      await withHops(name, order, async (hops) => {
        const progress = showProgress({ what: `answers, ${name}, ${order}`, total });
        await assert(
          asyncProperty(cases, async ([response, method, interim]) => {
            if (progress.over) return;
            hops.forget();
            hops.next({ response, interim: order === 'peer in front' ? interim : '' });
            const client = await hops.connect();
            client.send(`${method} /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n`);
            const answer = await client.response(method);
            expect(answer.status).toBe(response.status);
            expect(answer.startLine).toBe(`HTTP/1.1 ${response.status} ${response.reason}`);
            const seen = byName(name, answer.headers);
            if (order === 'peer behind') delete seen['x-hop'];
            expect(seen).toEqual(byName(name, response.headers));
            expect(answer.body === (method === 'HEAD' ? '' : response.body)).toBe(true);
            hops.next(undefined);
            const again = answer.all('connection').includes('close') ? await hops.connect() : client;
            again.send('GET /clean HTTP/1.1\r\nHost: a.example\r\n\r\n');
            expect((await again.response()).body).toBe('/clean');
            client.destroy();
            again.destroy();
            progress.step();
          }),
          parameters,
        );
        progress.end();
        expect(hops.failures()).toEqual([]);
      });
    },
    longTimeout(total),
  );
}
