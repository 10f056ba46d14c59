import { expect, test } from '@jest/globals';
import type { AnswerInHand, HoldAnswer } from '#proxy/http/answer-hold.types.ts';
import { HeldAnswer } from '#proxy/http/held-answer.ts';
import { createHeldRequests } from '#proxy/http/held-requests.ts';
import type { DataPlaneOptions, HeaderLines } from '#proxy/http/seam.ts';
import { withProxy, testLimits, type Proxied } from '#test/support/raw-http/with-proxy.ts';

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
  run: (proxied: Proxied, waiting: Waiting[]) => Promise<void>,
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
      plane: { ...plane, decide: () => ({ upstream: 'one', route: 'r', reason: 'x', holdAnswer }) },
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
  await holding({}, async ({ connect, upstream }, waiting) => {
    const client = await connect();
    client.send(put('1') + put('2'));
    await until(() => waiting.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([client.received(), upstream.requests.length]).toEqual(['', 1]);
    waiting[0]?.settle([['x-settled', 'first']]);
    const first = await client.response('PUT');
    expect([first.status, first.body, first.header('x-settled')]).toEqual([200, 'ok', 'first']);
    await until(() => waiting.length === 2);
    waiting[1]?.settle([['x-settled', 'second']]);
    expect((await client.response('PUT')).header('x-settled')).toBe('second');
    expect(waiting[0]?.answer).toMatchObject({ upstream: 'one', status: 200, hasRoom: true });
  });
});
