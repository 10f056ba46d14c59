import { expect, test } from '@jest/globals';
import type { AnswerInHand, HoldAnswer } from '#proxy/http/answer-hold.types.ts';
import { HeldAnswer } from '#proxy/http/held-answer.ts';
import { createHeldRequests } from '#proxy/http/held-requests.ts';
import type { DataPlaneOptions, HeaderLines } from '#proxy/http/seam.ts';
import { withProxy, type ProxyUnderTest } from '#test/support/raw-http/with-proxy.ts';

interface Waiting {
  readonly answer: AnswerInHand;
  readonly settle: (lines: HeaderLines) => void;
  state: 'waiting' | 'left' | 'crowded';
}

const put = (body: string): string =>
  `PUT /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A proxy that holds each answer until the test settles it. */
async function holding(
  more: Partial<DataPlaneOptions> & { readonly answer?: string },
  run: (proxied: ProxyUnderTest, waiting: Waiting[]) => Promise<void>,
): Promise<void> {
  const waiting: Waiting[] = [];
  const holdAnswer: HoldAnswer = (answer, settle) => {
    const entry: Waiting = { answer, settle, state: 'waiting' };
    waiting.push(entry);
    if (!answer.hasRoom) settle([['x-settled', 'no room']]);
    return {
      leave: () => void (entry.state = 'left'),
      crowd() {
        entry.state = 'crowded';
        settle([['x-settled', 'crowded']]);
      },
    };
  };
  const { answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', ...plane } = more;
  await withProxy(
    {
      script: () => answer,
      plane: { ...plane, decide: () => ({ upstream: 'main', route: 'r', reason: 'x', holdAnswer }) },
    },
    (proxied) => run(proxied, waiting),
  );
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !condition();) {
    if (Date.now() > deadline) throw new Error('it never came to the expected state');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test('the client gets nothing before, and then the answer with the headers that say why; the next request goes on', async () => {
  await holding({}, async (proxy, waiting) => {
    const client = await proxy.connect();
    client.send(put('1') + put('2'));
    await until(() => waiting.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([client.unread(), proxy.upstream.requests.length]).toEqual(['', 1]);
    waiting[0]?.settle([['x-settled', 'first']]);
    const first = await client.response('PUT');
    expect([first.status, first.body, first.all('x-settled')[0]]).toEqual([200, 'ok', 'first']);
    await until(() => waiting.length === 2);
    waiting[1]?.settle([['x-settled', 'second']]);
    expect((await client.response('PUT')).all('x-settled')[0]).toBe('second');
    expect(waiting[0]?.answer).toMatchObject({ upstream: 'main', status: 200, hasRoom: true });
  });
});

const room = { holdWithinMs: 1_000, maxHeldBytes: 1_000, maxHeldRequests: 2 };

test('a body in chunks is kept with it, and the connection to the upstream serves the next request', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
  await holding({ answer }, async (proxy, waiting) => {
    const client = await proxy.connect();
    for (const at of [0, 1, 2]) {
      client.send(put('x'));
      await until(() => waiting.length === at + 1);
      waiting[at]?.settle([]);
      const got = await client.response('PUT');
      expect([got.body, got.chunked]).toEqual(['abcde', true]);
    }
    expect(proxy.upstream.connections).toHaveLength(1);
  });
});

test('a long answer is read no further while it waits, and arrives whole', async () => {
  const body = 'y'.repeat(16_000_000);
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  await holding({ answer }, async (proxy, waiting) => {
    const client = await proxy.connect();
    client.send(put('x'));
    await until(() => waiting.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(proxy.upstream.connections[0]?.socket.writableLength).toBeGreaterThan(0);
    waiting[0]?.settle([['x-settled', 'late']]);
    const got = await client.response('PUT');
    expect([got.body === body, got.all('x-settled')]).toEqual([true, ['late']]);
  });
});

test('a client that leaves is let go, and its connection to the upstream serves another', async () => {
  await holding({}, async (proxy, waiting) => {
    const client = await proxy.connect();
    client.send(put('x'));
    await until(() => waiting.length === 1);
    client.destroy();
    await until(() => waiting[0]?.state === 'left');
    await proxy.reported(1);
    expect([proxy.reports[0]?.status, proxy.reports[0]?.failure, proxy.plane.running()]).toEqual([
      499,
      'client-aborted',
      0,
    ]);
    // Whoever had it held may be late.
    waiting[0]?.settle([]);
    const other = await proxy.connect();
    other.send(put('x'));
    await until(() => waiting.length === 2);
    waiting[1]?.settle([]);
    expect((await other.response('PUT')).body).toBe('ok');
    expect(proxy.upstream.connections).toHaveLength(1);
  });
});

test('over the bound on their number there is no room, and one that is over makes it again', async () => {
  await holding({ hold: room }, async (proxy, waiting) => {
    const clients = [await proxy.connect(), await proxy.connect()];
    for (const client of clients) client.send(put('x'));
    await until(() => waiting.length === 2);
    expect((await proxy.ask(put('x'))).all('x-settled')).toEqual(['no room']);
    waiting[0]?.settle([]);
    await clients[0]?.response('PUT');
    clients[0]?.send(put('x'));
    await until(() => waiting.length === 4);
    expect(waiting[3]?.answer.hasRoom).toBe(true);
    for (const at of [1, 3]) waiting[at]?.settle([]);
    for (const client of clients) await client.response('PUT');
  });
});

test('over the bound on their bytes it goes at once, also when the bytes come later', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n';
  await holding({ answer: answer + 'z'.repeat(1_001), hold: room }, async (proxy, waiting) => {
    expect((await proxy.ask(put('x'))).all('x-settled')).toEqual(['no room']);
    expect(waiting[0]?.answer.hasRoom).toBe(false);
  });
});

test('what comes of its body while it waits is kept, until there is no room: then it goes at once', () => {
  const held = createHeldRequests(room);
  const went: unknown[] = [];
  const answer = new HeldAnswer({
    hold: (_answer, settle) => ({
      leave: () => undefined,
      crowd: () => settle([['x-settled', 'crowded']]),
    }),
    outcome: { upstream: 'main', status: 200 },
    held,
    release: (lines, body, last) => went.push([lines, body?.length, last]),
  });
  expect(answer.begin(Buffer.alloc(10), false)).toBe(true);
  answer.add(Buffer.alloc(990), false);
  expect([went, held.now()]).toEqual([[], { requests: 1, bytes: 1_000 }]);
  answer.add(Buffer.alloc(1), true);
  answer.leave();
  expect([went, held.now()]).toEqual([[['x-settled: crowded\r\n', 1_001, true]], { requests: 0, bytes: 0 }]);
});

test('an upstream that breaks off while its answer waits breaks the client off too', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc';
  await holding({ answer }, async (proxy, waiting) => {
    const client = await proxy.connect();
    client.send(put('x'));
    await until(() => waiting.length === 1);
    proxy.upstream.connections[0]?.socket.resetAndDestroy();
    waiting[0]?.settle([]);
    await client.closed;
    await proxy.reported(1);
    expect(proxy.reports[0]?.failure).toBe('upstream-closed');
  });
});

test('a drain waits for it, and it says that the connection ends', async () => {
  await holding({}, async (proxy, waiting) => {
    const client = await proxy.connect();
    client.send(put('x'));
    await until(() => waiting.length === 1);
    const drained = proxy.plane.drain(5_000);
    waiting[0]?.settle([]);
    expect((await client.response('PUT')).all('connection')).toEqual(['close']);
    expect(await drained).toBe(0);
  });
});

test('routing that throws, or says a header that is none, holds nothing up', async () => {
  for (const holdAnswer of [
    (): never => {
      throw new Error('no');
    },
    (_answer: unknown, settle: (lines: HeaderLines) => void) => {
      settle([['bad name', 'x']]);
      return { leave: () => undefined, crowd: () => undefined };
    },
    () => undefined,
  ] satisfies HoldAnswer[])
    await withProxy(
      {
        script: () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        plane: { decide: () => ({ upstream: 'main', route: 'r', reason: 'x', holdAnswer }) },
      },
      async (proxy) => expect((await proxy.ask(put('x'))).body).toBe('ok'),
    );
});
