import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
let upstream: Server;
let url: string;

/** Sends back what it gets, by Node's own HTTP: a second implementation at both ends. */
beforeAll(async () => {
  upstream = createServer((request, response) => {
    const { 'content-length': length } = request.headers;
    if (length !== undefined) response.setHeader('content-length', length);
    request.pipe(response);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});

afterAll(() => {
  upstream.close();
  upstream.closeAllConnections();
});

async function roundTrip(port: number, body: Buffer, chunked: boolean): Promise<Buffer> {
  const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/a', agent: false });
  if (!chunked) request.setHeader('content-length', body.length);
  request.end(body);
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

test.each([0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 200_000, 3_000_000])(
  '%i bytes come back as they went, with Content-Length and in chunks',
  async (size) => {
    const body = randomBytes(size);
    await withProxy({ upstreamOptions: { url } }, async (proxy) => {
      expect(sha(await roundTrip(proxy.plane.port, body, false))).toBe(sha(body));
      expect(sha(await roundTrip(proxy.plane.port, body, true))).toBe(sha(body));
      await proxy.reported(2);
      for (const report of proxy.reports) {
        expect(report).toMatchObject({
          status: 200,
          failure: undefined,
          requestBytes: size,
          responseBytes: size,
        });
      }
    });
  },
);

test('a slow reader holds the upstream back instead of filling memory', async () => {
  const total = 60_000_000;
  let written = 0;
  const script = () => (connection: { socket: NodeJS.WritableStream }) => {
    const { socket } = connection;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
    const part = Buffer.alloc(100_000, 'p');
    const more = (): void => {
      while (written < total) {
        written += part.length;
        if (!socket.write(part)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
  };
  await withProxy({ script }, async (proxy) => {
    const client = await proxy.connect();
    client.socket.pause();
    client.send('GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n');
    let before = -1;
    while (written !== before) {
      before = written;
      await delay(150);
    }
    expect(written).toBeLessThan(total / 2);
    client.socket.resume();
    const { body } = await client.response();
    expect(body).toHaveLength(total);
  });
});

test('a slow upstream holds the client back instead of filling memory', async () => {
  const onConnection = (connection: { socket: NodeJS.ReadableStream }) => {
    setImmediate(() => connection.socket.pause());
  };
  await withProxy({ onConnection, limits: { maxBodyBytes: 1e9 } }, async (proxy) => {
    const client = await proxy.connect();
    const part = Buffer.alloc(100_000, 'p');
    client.send('POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 60000000\r\n\r\n');
    let sent = 0;
    const more = (): void => {
      while (sent < 60_000_000) {
        sent += part.length;
        if (!client.socket.write(part)) {
          client.socket.once('drain', more);
          return;
        }
      }
    };
    more();
    let before = -1;
    while (sent !== before) {
      before = sent;
      await delay(150);
    }
    expect(sent).toBeLessThan(30_000_000);
  });
});

/** Bytes that differ at every place, so that one that was overwritten on its way shows. */
function pattern(length: number, seed: number): string {
  let text = '';
  for (let i = 0; text.length < length; i += 1) text += `${seed}:${i};`;
  return text.slice(0, length);
}

test.each([20_000, 60_000, 2_000_000])(
  'clients that read late get their own %i bytes, not another’s',
  async (size) => {
    const script = (request: { target: string }) => {
      return `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${pattern(size, Number(request.target.slice(1)))}`;
    };
    await withProxy({ script, upstreamOptions: { maxConnections: 20 } }, async (proxy) => {
      const lanes = Array.from({ length: 12 }, (_none, lane) => lane);
      const rounds = Math.min(100, Math.ceil(12_000_000 / size));
      await Promise.all(
        lanes.map(async (lane) => {
          const client = await proxy.connect();
          client.socket.pause();
          for (let i = 0; i < rounds; i += 1)
            client.send(`GET /${lane * 1_000 + i} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
          await delay(100 + lane * 10);
          client.socket.resume();
          for (let i = 0; i < rounds; i += 1) {
            const { body } = await client.response();
            expect(body === pattern(size, lane * 1_000 + i)).toBe(true);
          }
        }),
      );
    });
  },
);

test('an upstream that reads late gets each upload as it was sent', async () => {
  const onConnection = (connection: { socket: { pause(): void; resume(): void } }) => {
    setImmediate(() => connection.socket.pause());
    setTimeout(() => connection.socket.resume(), 150);
  };
  const script = (request: { target: string; body: string }) => {
    const good = request.body === pattern(3_000_000, Number(request.target.slice(1)));
    return `HTTP/1.1 200 OK\r\nContent-Length: ${String(good).length}\r\n\r\n${good}`;
  };
  await withProxy({ onConnection, script }, async (proxy) => {
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => {
        const body = pattern(3_000_000, seed);
        const half = seed % 2 === 0;
        return await proxy.ask(
          half
            ? `POST /${seed} HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`
            : `POST /${seed} HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        );
      }),
    );
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 6 }, () => 'true'));
  });
});
