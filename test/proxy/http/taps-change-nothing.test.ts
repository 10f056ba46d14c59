import { expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { Decision, Tap } from '#proxy/http/seam.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

type Call = keyof Tap;
const calls = ['onRequest', 'onRequestBody', 'onAnswer', 'onAnswerBody', 'onEnd'] as const;

/** Notes all it hears, and throws at one call. */
function noisyTap(heard: string[], throwsAt?: Call): Tap {
  const hear = (call: Call, what: string): void => {
    heard.push(`${call} ${what}`);
    if (call === throwsAt) throw new Error('a tap must not hurt');
  };
  return {
    onRequest: ({ method, target, contentLength }, body) =>
      hear('onRequest', `${method} ${target} ${contentLength} ${body?.length ?? 0}`),
    onRequestBody: (body) => hear('onRequestBody', String(body.length)),
    onAnswer: ({ status, contentLength }, body) =>
      hear('onAnswer', `${status} ${contentLength} ${body?.length ?? 0}`),
    onAnswerBody: (body) => hear('onAnswerBody', String(body.length)),
    onEnd: ({ outcome }) => hear('onEnd', outcome),
  };
}

const decided = (tap: Tap): { decide: () => Decision } => ({
  decide: () => ({ upstream: 'main', route: 'all', reason: 'test', tap }),
});
const post = 'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello';

test('a tap hears the request as it left, the answer as it came, and the end', async () => {
  const heard: string[] = [];
  await withProxy({ plane: decided(noisyTap(heard)) }, async (proxy) => {
    await proxy.ask(post);
    await proxy.reported(1);
    expect(heard).toEqual(['onRequest POST /a 5 5', 'onAnswer 200 13 13', 'onEnd answered']);
  });
});

test.each(calls)('a tap that throws at %s changes no answer, and hears no more', async (call) => {
  const heard: string[] = [];
  const script =
    () =>
    ({ socket }: { readonly socket: Socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour');
      setImmediate(() => socket.write('more'));
    };
  await withProxy({ script, plane: decided(noisyTap(heard, call)) }, async (proxy) => {
    const response = await proxy.ask(post);
    expect(response).toMatchObject({ status: 200, body: 'fourmore' });
    await proxy.reported(1);
    expect(heard.filter((line) => line.startsWith(`${call} `)).length).toBeLessThanOrEqual(1);
    if (heard.some((line) => line.startsWith(`${call} `)))
      expect(heard.at(-1)).toMatch(new RegExp(`^${call} `));
  });
});

test('what fails, and who leaves, is told as such', async () => {
  const heard: string[] = [];
  const silent = { script: () => undefined, plane: decided(noisyTap(heard)) };
  await withProxy({ ...silent, upstreamOptions: { headerTimeoutMs: 50 } }, async (proxy) => {
    expect((await proxy.ask(post)).status).toBe(504);
    expect(heard.at(-1)).toBe('onEnd failed');
  });
  await withProxy(silent, async (proxy) => {
    const client = await proxy.connect();
    client.send(post);
    await proxy.upstream.until(({ requests }) => requests.length === 1);
    client.destroy();
    await proxy.reported(1);
    expect(heard.at(-1)).toBe('onEnd client-left');
  });
});

test('a request that is sent again is told once', async () => {
  const heard: string[] = [];
  let sent = 0;
  const get = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';
  const script = () => {
    sent += 1;
    return sent === 2
      ? ({ socket }: { readonly socket: Socket }) => void socket.destroy()
      : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  };
  await withProxy({ script, plane: decided(noisyTap(heard)) }, async (proxy) => {
    await proxy.ask(get);
    expect((await proxy.ask(get)).status).toBe(200);
    await proxy.reported(2);
    expect(sent).toBe(3);
    expect(heard.filter((line) => line.startsWith('onRequest'))).toHaveLength(2);
  });
});
