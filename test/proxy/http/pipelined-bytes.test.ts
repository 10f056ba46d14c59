import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createHeldRequests, defaultHoldLimits } from '#proxy/http/held-requests.ts';
import { ClientConnection } from '#proxy/http/client-connection.ts';
import { Deadlines } from '#proxy/http/deadlines.ts';
import { createHeaderNames } from '#proxy/http/header-names.ts';
import { completeLimits } from '#proxy/http/limits.ts';
import type { PlaneContext } from '#proxy/http/plane-context.ts';
import { createRetryBudget } from '#proxy/http/retry-budget.ts';
import type { Decide, Refusal } from '#proxy/http/seam.ts';
import type { Wire } from '#proxy/http/wire.ts';
import { testLimits } from '#test/support/raw-http/with-proxy.ts';

const request = Buffer.from('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
const chunk = Buffer.alloc(65_536, request);
/** What is kept before the client waits, and the one chunk more that was read by then. */
const mostBytes = 2 * 65_536;

interface CountedConnection {
  readonly wire: Wire;
  readonly connection: ClientConnection;
  readonly reading: () => boolean;
  readonly answers: () => number;
}

/** Its socket has no kernel behind it, so that what was read and not answered yet is what the connection holds. */
function countedConnection(decide: Decide): CountedConnection {
  let reading = true;
  let answers = 0;
  const socket = new Duplex({
    read: () => {},
    write: (bytes: Buffer, _encoding, done) => {
      answers += bytes.toString('latin1').split('HTTP/1.1 404').length - 1;
      done();
    },
  }) as unknown as Socket;
  socket.pause = () => {
    reading = false;
    return socket;
  };
  socket.resume = () => {
    reading = true;
    return socket;
  };
  const wire: Wire = { socket, onChunk: () => {} };
  const plane: PlaneContext = {
    limits: completeLimits(testLimits),
    decide,
    onExchange: () => {},
    deadlines: new Deadlines(),
    pools: new Map(),
    requestRules: { nameOf: createHeaderNames([]), maxHeaderFields: 100, nextId: () => 'id' },
    held: createHeldRequests(defaultHoldLimits),
    heldAnswers: createHeldRequests(defaultHoldLimits),
    retryBudget: createRetryBudget(0),
    serverTiming: false,
    draining: false,
    running: 0,
  };
  const peer = { address: '127.0.0.1', trusted: false, secure: false };
  const connection = new ClientConnection({ wire, peer, plane, onClosed: () => {} });
  return { wire, connection, reading: () => reading, answers: () => answers };
}

test('pipelined bytes behind slow answers stay within a bound, however many are answered', async () => {
  const decisions: ((refusal: Refusal) => void)[] = [];
  const { wire, connection, reading, answers } = countedConnection(
    async () => await new Promise<Refusal>((resolve) => decisions.push(resolve)),
  );
  let received = 0;
  for (let answered = 0; answered < 100; answered += 1) {
    while (reading()) {
      // Begins where the last chunk left off, in the middle of a request.
      const from = received % request.length;
      const bytes = Buffer.concat([request.subarray(from), chunk]).subarray(0, chunk.length);
      received += bytes.length;
      wire.onChunk(bytes);
      expect(received - answered * request.length).toBeLessThanOrEqual(mostBytes);
    }
    expect(decisions).toHaveLength(1);
    decisions.pop()?.({ refuse: 'no-route', detail: 'Nothing here.' });
    while (answers() <= answered) await turn();
  }
  connection.cut();
});

test('what was held is answered in its order, and then the client may send again', async () => {
  const targets: string[] = [];
  const { wire, connection, reading, answers } = countedConnection(async ({ target }) => {
    targets.push(target);
    await turn();
    return { refuse: 'no-route', detail: 'Nothing here.' };
  });
  const wanted = Array.from({ length: 4_000 }, (_none, i) => `/${i}`);
  const bytes = Buffer.from(wanted.map((t) => `GET ${t} HTTP/1.1\r\nHost: a.example\r\n\r\n`).join(''));
  for (let at = 0; at < bytes.length; at += 65_536) wire.onChunk(bytes.subarray(at, at + 65_536));
  expect(reading()).toBe(false);
  while (answers() < wanted.length) await turn();
  expect(targets).toEqual(wanted);
  expect(reading()).toBe(true);
  connection.cut();
});
