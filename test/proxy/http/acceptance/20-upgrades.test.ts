import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import type { Message } from '#test/support/raw-http/strict-parser.ts';
import { withProxy, type ProxyOptions } from '#test/support/raw-http/with-proxy.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const handshake =
  'GET /ws HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n';
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const switched = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;

const allowed: ProxyOptions = {
  plane: { decide: () => ({ upstream: 'main', route: 'all', reason: 'test', websocket: true }) },
};

/** Switches, then sends back what it gets, with a mark. */
const websocket = (request: Message, connection: RecordedConnection) => {
  if (request.all('upgrade')[0] !== 'websocket') return 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain';
  connection.socket.removeAllListeners('data');
  connection.socket.on('data', (chunk: Buffer) => {
    connection.socket.write(`<${chunk.toString('latin1')}>`, 'latin1');
  });
  return switched;
};

test('a WebSocket handshake becomes a tunnel where the decision allows it', async () => {
  await withProxy({ ...allowed, script: websocket }, async (proxy) => {
    const client = await proxy.connect();
    client.send(handshake);
    const response = await client.response();
    expect(response.status).toBe(101);
    expect(response.all('upgrade')).toEqual(['websocket']);
    expect(response.all('connection')).toEqual(['Upgrade']);
    expect(response.all('sec-websocket-accept')).toEqual([accept]);
    client.send('\x00\xffframes\r\n\r\n');
    while (!client.unread().endsWith('>')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.unread()).toBe('<\x00\xffframes\r\n\r\n>');
    expect(proxy.reports[0]).toMatchObject({ status: 101 });
    client.socket.end();
    expect(await client.closed).toBeDefined();
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
  });
});

test('bytes sent along with the handshake wait for the 101', async () => {
  const script = (request: Message, connection: RecordedConnection) => {
    expect(connection.bytes).not.toContain('early');
    return websocket(request, connection);
  };
  await withProxy({ ...allowed, script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(`${handshake}early`);
    expect((await client.response()).status).toBe(101);
    while (!client.unread().endsWith('>')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.unread()).toBe('<early>');
  });
});

test('the end of the upstream ends the client', async () => {
  const script = () => (connection: RecordedConnection) => {
    connection.socket.end(`${switched}last words`);
  };
  await withProxy({ ...allowed, script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(handshake);
    expect((await client.response()).status).toBe(101);
    await client.closed;
    expect(client.unread()).toBe('last words');
  });
});

test('a tunnel that is silent both ways is closed', async () => {
  await withProxy({ ...allowed, script: websocket, limits: { tunnelIdleTimeoutMs: 100 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send(handshake);
    expect((await client.response()).status).toBe(101);
    await client.closed;
    await proxy.upstream.until(({ connections }) => connections[0]?.closed === true);
  });
});

test.each([
  { name: 'without accept', answer: 'HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n' },
  { name: 'with another accept', answer: switched.replace(accept, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=') },
  { name: 'to another protocol', answer: switched.replace('Upgrade: websocket', 'Upgrade: h2c') },
])('a 101 $name is no switch', async ({ answer }) => {
  await withProxy({ ...allowed, script: () => answer }, async (proxy) => {
    const client = await proxy.connect();
    client.send(handshake + smuggled);
    expect((await client.response()).status).toBe(502);
    await client.closed;
    expect(client.unread()).toBe('');
    expect(proxy.upstream.bytes()).not.toContain('smuggled');
  });
});

test('an upstream that does not switch: its answer is relayed and what followed the handshake is dropped', async () => {
  const script = () => 'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno';
  await withProxy({ ...allowed, script }, async (proxy) => {
    const client = await proxy.connect();
    client.send(handshake + smuggled);
    expect(await client.response()).toMatchObject({ status: 403, body: 'no' });
    expect(await client.closed).toBe('ended');
    expect(proxy.upstream.bytes()).not.toContain('smuggled');
  });
});

const plain = 'GET /ws HTTP/1.1\r\nHost: a.example\r\n';

test.each([
  {
    name: 'h2c (Envoy CVE-2024-23326)',
    lines: 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ',
  },
  { name: 'h2c beside websocket', lines: 'Connection: Upgrade\r\nUpgrade: websocket, h2c' },
  { name: 'an unknown protocol (Pingora CVE-2026-2833)', lines: 'Connection: Upgrade\r\nUpgrade: anything' },
  {
    name: 'websocket without a key',
    lines: 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13',
  },
  {
    name: 'websocket of an old version',
    lines: `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: ${key}`,
  },
  {
    name: 'websocket that Connection does not name',
    lines: `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}`,
  },
])('any other upgrade goes as a plain request, and what follows it as the next: $name', async ({ lines }) => {
  await withProxy({ ...allowed, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send(`${plain}${lines}\r\n\r\nGET /next HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    expect((await client.response()).body).toBe('GET /ws ');
    expect((await client.response()).body).toBe('GET /next ');
    for (const request of proxy.upstream.requests) {
      for (const name of ['upgrade', 'connection', 'http2-settings']) expect(request.all(name)).toEqual([]);
    }
    expect(proxy.upstream.requests.map(({ target }) => target)).toEqual(['/ws', '/next']);
  });
});

test('a handshake goes as a plain request where the decision does not allow it', async () => {
  await withProxy({ script: websocket }, async (proxy) => {
    expect((await proxy.ask(handshake)).body).toBe('plain');
    expect(proxy.upstream.requests[0]?.all('upgrade')).toEqual([]);
  });
});

test('a POST that asks for an upgrade keeps its body', async () => {
  await withProxy({ ...allowed, upstreamOptions: { maxConnections: 1 } }, async (proxy) => {
    const client = await proxy.connect();
    client.send(
      `POST /a HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello${smuggled}`,
    );
    expect((await client.response()).body).toBe('POST /a hello');
    expect((await client.response()).body).toBe('GET /smuggled ');
    expect(proxy.upstream.requests).toHaveLength(2);
  });
});
