import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { assert, asyncProperty } from 'fast-check';
import { fuzzParameters, longTimeout, showProgress } from '#test/support/long-run.ts';
import { createExchangeLedger, type Arrival } from '#test/support/raw-http/exchange-ledger.ts';
import { fuzzedRequests } from '#test/support/raw-http/fuzzed-requests.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/**
 * Requests made of good and bad pieces, then mutated, go to the proxy; Node's own HTTP server stands behind it. What
 * the proxy decided on and what the server saw must be the same list of requests, whatever the bytes were.
 * `FUZZ_RUNS` sets the number of cases (300).
 */
const parameters = fuzzParameters(300);

test(
  'what the proxy lets through is what Node’s HTTP server reads',
  async () => {
    const seen: Arrival[] = [];
    const ledger = createExchangeLedger();
    let through = 0;
    const progress = showProgress({ what: 'fuzz against Node', total: parameters.numRuns });
    const refused: string[] = [];
    const server = createServer({ insecureHTTPParser: false }, (request: IncomingMessage, response) => {
      let length = 0;
      request.on('data', (chunk: Buffer) => (length += chunk.length));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        seen.push({ id: String(headers['x-request-id']), method, target: url, bodyLength: length });
        response.end(request.url);
      });
    });
    server.on('clientError', (error: Error & { code?: string }, socket) => {
      // A connection that the proxy itself cut is no complaint about its bytes.
      if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE') refused.push(String(error));
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await withProxy(
        { upstreamOptions: { url, maxConnections: 1 }, limits: { requestTimeoutMs: 60_000 } },
        async (proxy) => {
          await assert(
            asyncProperty(fuzzedRequests, async ({ bytes, split }) => {
              if (progress.over) return;
              seen.length = 0;
              const before = proxy.reports.length;
              const client = await proxy.connect();
              client.send(bytes.slice(0, split));
              if (bytes.length > split) {
                await delay(1);
                client.send(bytes.slice(split));
              }
              await Promise.race([client.closed, delay(8)]);
              client.destroy();
              const clean = await proxy.ask('GET /clean HTTP/1.1\r\nHost: a.example\r\n\r\n');
              expect(clean.body).toBe('/clean');
              await delay(1);
              const reports = proxy.reports.slice(before);
              expect(refused).toEqual([]);
              ledger.check(reports, seen);
              through += reports.filter(({ status }) => status === 200).length - 1;
              progress.step();
            }),
            parameters,
          );
          progress.end();
          // The pieces must not be so bad that nothing gets through.
          expect(through).toBeGreaterThan(progress.count / 10);
        },
      );
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },
  longTimeout(parameters.numRuns),
);
