import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import type { Message } from '#test/support/raw-http/strict-parser.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

/** Lets what was written arrive before the rest is written. */
const pause = async (): Promise<void> => await new Promise((resolve) => setTimeout(resolve, 2));

async function inLanes(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

const requests = [
  'GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nEmpty:\r\nX-A:  1 \r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 11\r\n\r\nhello world',
  'PUT /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: r\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
];

test.each(requests)('a request means the same wherever it is split: %j', async (bytes) => {
  await withProxy({ upstreamOptions: { maxConnections: 20 } }, async (proxy) => {
    const whole = await proxy.ask(bytes);
    const wanted = proxy.upstream.requests[0]?.headers.filter(([name]) => name !== 'x-request-id');
    await inLanes(bytes.length - 1, async (index) => {
      const client = await proxy.connect();
      client.send(bytes.slice(0, index + 1));
      await pause();
      client.send(bytes.slice(index + 1));
      const response = await client.response();
      expect(response.body).toBe(whole.body);
      // The connection is in step: the next request gets its own answer.
      client.send('GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect((await client.response()).body).toBe('GET /next ');
      client.destroy();
    });
    for (const request of proxy.upstream.requests) {
      if (request.target === '/next') continue;
      expect(request.headers.filter(([name]) => name !== 'x-request-id')).toEqual(wanted);
    }
    expect(proxy.upstream.connections.map(({ error }) => error).filter(Boolean)).toEqual([]);
  });
});

const responses = [
  'HTTP/1.1 200 OK\r\nEmpty:\r\nX-A:  1 \r\nContent-Length: 11\r\n\r\nhello world',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: r\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n',
  'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
];

test.each(responses)('a response means the same wherever it is split: %j', async (bytes) => {
  const script = (request: Message, connection: RecordedConnection) => {
    const at = Number(request.target.slice(1));
    if (at === 0) return bytes;
    return () => {
      connection.socket.write(bytes.slice(0, at), 'latin1');
      setTimeout(() => connection.socket.write(bytes.slice(at), 'latin1'), 2);
    };
  };
  await withProxy({ script, upstreamOptions: { maxConnections: 20 } }, async (proxy) => {
    const whole = await proxy.ask('GET /0 HTTP/1.1\r\nHost: a.example\r\n\r\n');
    await inLanes(bytes.length - 1, async (index) => {
      const response = await proxy.ask(`GET /${index + 1} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
      expect(response.startLine).toBe(whole.startLine);
      expect(response.headers).toEqual(whole.headers);
      expect(response.body).toBe(whole.body);
    });
  });
});
