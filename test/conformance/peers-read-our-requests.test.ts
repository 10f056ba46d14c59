import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { array, assert, asyncProperty } from 'fast-check';
import { fuzzParameters, longTimeout, showProgress } from '#test/support/long-run.ts';
import {
  findPeer,
  missingPeer,
  peerNames,
  startPeer,
  type PeerName,
} from '#test/support/peers/installed-peer.ts';
import { createExchangeLedger } from '#test/support/raw-http/exchange-ledger.ts';
import { fuzzedRequests } from '#test/support/raw-http/fuzzed-requests.ts';
import { validRequests } from '#test/support/raw-http/generated-messages.ts';
import { startUpstream, type RecordingUpstream } from '#test/support/raw-http/recording-upstream.ts';
import type { Message } from '#test/support/raw-http/strict-parser.ts';
import { withProxy, type ProxyUnderTest } from '#test/support/raw-http/with-proxy.ts';

/**
 * nginx and HAProxy read what we send, in front of an upstream that records: client → Banyan → peer → upstream. They
 * must never refuse it, and what arrives behind them must be what the client sent. `FUZZ_RUNS` sets the number of
 * cases (150 of each kind).
 */
const parameters = fuzzParameters(150);
const total = parameters.numRuns;
/** The header lines that we or the peer write for each hop. */
const perHop =
  /^(?:host|connection|content-length|transfer-encoding|x-forwarded-(?:for|host|proto)|x-request-id)$/;

const endToEnd = (message: Message): (readonly [string, string])[] => {
  return message.headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !perHop.test(name));
};

async function withPeerBehind(
  name: PeerName,
  run: (proxy: ProxyUnderTest, behind: RecordingUpstream) => Promise<void>,
): Promise<void> {
  const behind = await startUpstream();
  const peer = await startPeer(name, behind.port).catch(async (error: unknown) => {
    await behind.close();
    throw error;
  });
  const upstreamOptions = { url: `http://127.0.0.1:${peer.port}`, maxConnections: 1 };
  try {
    await withProxy({ upstreamOptions, limits: { requestTimeoutMs: 60_000 } }, async (proxy) => {
      await run(proxy, behind);
    });
  } finally {
    await peer.stop();
    await behind.close();
  }
}

let cleanCount = 0;

/** A request that nothing is wrong with, over the same connection to the peer, gets its own answer. */
async function expectOwnAnswer(proxy: ProxyUnderTest): Promise<void> {
  cleanCount += 1;
  const body = `clean-${cleanCount}`;
  const head = `POST /clean HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect((await proxy.ask(head + body)).body).toBe(`POST /clean ${body}`);
}

for (const name of peerNames) {
  const installed = findPeer(name) !== undefined;
  if (!installed) process.stderr.write(missingPeer(name));
  const testWithPeer = installed ? test : test.skip;

  testWithPeer(
    `${name} passes on each valid request as the client sent it`,
    async () => {
      await withPeerBehind(name, async (proxy, behind) => {
        const progress = showProgress({ what: `valid requests through ${name}`, total });
        const batches = array(validRequests, { minLength: 1, maxLength: 4 });
        await assert(
          asyncProperty(batches, async (requests) => {
            if (progress.over) return;
            behind.forget();
            const client = await proxy.connect();
            client.send(requests.map(({ bytes }) => bytes).join(''));
            for (const { method, target, body } of requests) {
              const answer = await client.response(method);
              expect(answer.status).toBe(200);
              if (method !== 'HEAD') expect(answer.body === `${method} ${target} ${body}`).toBe(true);
            }
            client.destroy();
            const arrived = behind.requests.map((message) => ({
              method: message.method,
              target: message.target,
              host: message.all('host').join(),
              headers: endToEnd(message),
              body: message.body,
            }));
            expect(arrived).toEqual(
              requests.map(({ method, target, host, headers, body }) => ({
                method,
                target,
                host,
                headers,
                body,
              })),
            );
            await expectOwnAnswer(proxy);
            expect(behind.connections.flatMap(({ error }) => error ?? [])).toEqual([]);
            progress.step();
          }),
          parameters,
        );
        progress.end();
      });
    },
    longTimeout(total),
  );

  testWithPeer(
    `${name} refuses nothing that the proxy lets through, and reads the same requests`,
    async () => {
      await withPeerBehind(name, async (proxy, behind) => {
        const progress = showProgress({ what: `mutated requests through ${name}`, total });
        const ledger = createExchangeLedger();
        let through = 0;
        await assert(
          asyncProperty(fuzzedRequests, async ({ bytes, split }) => {
            if (progress.over) return;
            behind.forget();
            const reportsBefore = proxy.reports.length;
            const client = await proxy.connect();
            client.send(bytes.slice(0, split));
            if (bytes.length > split) {
              await delay(1);
              client.send(bytes.slice(split));
            }
            await Promise.race([client.closed, delay(8)]);
            client.destroy();
            await expectOwnAnswer(proxy);
            await delay(1);
            const reports = proxy.reports.slice(reportsBefore);
            // An answer that is no failure of ours is the peer's or the upstream's, which says 200 to everything.
            const answered = reports.filter(({ failure }) => failure === undefined);
            expect(answered.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
            const arrivals = behind.requests.map((message) => ({
              id: message.all('x-request-id').join(),
              method: message.method,
              target: message.target,
              bodyLength: message.body.length,
            }));
            ledger.check(reports, arrivals);
            expect(behind.connections.flatMap(({ error }) => error ?? [])).toEqual([]);
            through += answered.length - 1;
            progress.step();
          }),
          parameters,
        );
        progress.end();
        // The pieces must not be so bad that nothing gets through.
        expect(through).toBeGreaterThan(progress.count / 10);
      });
    },
    longTimeout(total),
  );
}
