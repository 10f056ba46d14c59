import { expect, test } from '@jest/globals';
import { expectRefused } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const start = 'GET /a HTTP/1.1\r\nHost: a.example\r\n';

test.each([
  'X_Forwarded_For: 1.2.3.4',
  'x-forwarded_for: 1.2.3.4',
  'X.Forwarded.For: 1.2.3.4',
  'X_FORWARDED_PROTO: https',
  'X_Real_IP: 1.2.3.4',
  'Content_Length: 5',
  'Transfer_Encoding: chunked',
  'X_Request_Id: 1',
  'X_Caller_Identity: admin',
  'Banyan_Shadow: 1',
])('a name that CGI-like servers read as a managed one is refused: %s', async (line) => {
  await expectRefused({ name: line, bytes: `${start}${line}\r\n\r\n` }, 400, {
    plane: { managedHeaders: ['X-Caller-Identity'] },
  });
});

test('a managed header never passes from a client, also when it is nominated', async () => {
  await withProxy({ plane: { managedHeaders: ['X-Caller-Identity'] } }, async (proxy) => {
    await proxy.ask(`${start}X-Caller-Identity: admin\r\nConnection: x-caller-identity\r\n\r\n`);
    await proxy.ask(`${start}x-caller-identity: admin\r\n\r\n`);
    for (const request of proxy.upstream.requests) expect(request.all('x-caller-identity')).toEqual([]);
  });
});

test('our own markers are seen by routing and pass neither way', async () => {
  const seen: (string | undefined)[] = [];
  const decide = (head: { header(name: string): string | undefined }) => {
    seen.push(head.header('banyan-force'));
    return { upstream: 'main', route: 'all', reason: 'test' };
  };
  const script = () =>
    'HTTP/1.1 200 OK\r\nBanyan-Owner: service\r\nBy: b\r\nbanyan-epoch: 4\r\nContent-Length: 0\r\n\r\n';
  await withProxy({ script, plane: { decide } }, async (proxy) => {
    const response = await proxy.ask(`${start}Banyan-Force: a\r\nBANYAN-Shadow: 1\r\nX: y\r\n\r\n`);
    expect(seen).toEqual(['a']);
    expect(proxy.upstream.bytes().toLowerCase()).not.toContain('banyan');
    expect(response.headers).toEqual([
      ['By', 'b'],
      ['content-length', '0'],
    ]);
  });
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'])(
  'a header named %s is a header like any other (CVE-2026-21710)',
  async (name) => {
    const seen: (string | undefined)[] = [];
    const decide = (head: { header(name: string): string | undefined }) => {
      seen.push(head.header(name.toLowerCase()), head.header('valueof'), head.header('__proto__x'));
      return { upstream: 'main', route: 'all', reason: 'test' };
    };
    await withProxy({ plane: { decide } }, async (proxy) => {
      const response = await proxy.ask(`${start}${name}: odd\r\n\r\n`);
      expect(response.status).toBe(200);
      expect(proxy.upstream.requests[0]?.all(name.toLowerCase())).toEqual(['odd']);
      expect(seen).toEqual(['odd', undefined, undefined]);
    });
  },
);

test('ten thousand made-up names cost no memory that stays', async () => {
  await withProxy({}, async (proxy) => {
    const client = await proxy.connect();
    for (let round = 0; round < 100; round += 1) {
      let lines = '';
      for (let i = 0; i < 90; i += 1) lines += `X-Made-Up-${round}-${i}: ${'v'.repeat(50)}\r\n`;
      client.send(`${start}${lines}\r\n`);
      expect((await client.response()).status).toBe(200);
    }
    expect(proxy.upstream.requests[99]?.all('x-made-up-99-89')).toEqual(['v'.repeat(50)]);
  });
});
