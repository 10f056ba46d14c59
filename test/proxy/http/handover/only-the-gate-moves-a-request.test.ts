import { expect, test } from '@jest/globals';
import { get, put, refusal, withSides } from '#test/support/raw-http/with-sides.ts';

const misdirected = refusal('monolith', { state: 'follower', epoch: 9 });

test('a route without another side gets its 421 as it is, without our headers', async () => {
  await withSides({ script: () => misdirected }, async (sides) => {
    const answer = await sides.ask(put('a', '/other'));
    expect([answer.status, answer.body]).toEqual([421, '{"code":"not-owner"}']);
    expect(answer.headers.filter(([name]) => /^banyan/i.test(name))).toEqual([]);
    expect(sides.service.upstream.requests).toHaveLength(0);
    expect(sides.ownership.status().migrations['items']?.groups).toEqual({});
  });
});

test.each([
  ['no headers', 'HTTP/1.1 421 No\r\nContent-Length: 0\r\n\r\n'],
  ['no epoch', misdirected.replace('Banyan-Epoch', 'X-Epoch')],
  ['an owner that is no side', misdirected.replace('Owner: service', 'Owner: evil')],
  ['two owners', misdirected.replace('Banyan-Owner', 'Banyan-Owner: monolith\r\nBanyan-Owner')],
  ['a bucket beyond the last', misdirected.replace('Bucket: 0', 'Bucket: 256')],
  ['another status', misdirected.replace('421 Misdirected Request', '409 Conflict')],
])('an answer with %s is passed on and believed in nothing', async (_what, bytes) => {
  await withSides({ script: () => bytes }, async (sides) => {
    const answer = await sides.ask(put('a'));
    expect(answer.startLine).toBe(bytes.slice(0, bytes.indexOf('\r\n')));
    expect(answer.headers.filter(([name]) => /^banyan/i.test(name))).toEqual([]);
    expect(sides.service.upstream.requests).toHaveLength(0);
    expect(sides.ownership.status().migrations['items']?.groups).toEqual({});
  });
});

test('a client’s own headers decide nothing and go nowhere', async () => {
  await withSides({}, async (sides) => {
    const spoofed = put('a').replace('\r\n', '\r\nBanyan-Owner: service\r\nBanyan-Group: items\r\n');
    expect((await sides.ask(spoofed)).body).toBe('monolith a');
    expect(sides.monolith.upstream.bytes()).not.toMatch(/banyan/i);
  });
});

test('an answer that is not a 421 is final, whatever it says', async () => {
  for (const status of ['500 Internal Server Error', '503 Service Unavailable', '404 Not Found']) {
    const script = () => `HTTP/1.1 ${status}\r\nBanyan-Owner: service\r\nContent-Length: 0\r\n\r\n`;
    await withSides({ script }, async (sides) => {
      expect((await sides.ask(put('a'))).status).toBe(Number(status.slice(0, 3)));
      expect(sides.service.upstream.requests).toHaveLength(0);
    });
  }
});

test('a write whose answer never came is not sent to the other side', async () => {
  const script = (_request: unknown, side: string) =>
    side === 'monolith'
      ? (connection: { socket: { destroy(): void } }) => connection.socket.destroy()
      : undefined;
  await withSides({ script }, async (sides) => {
    sides.service.gate = { state: 'owner', epoch: 2 };
    expect((await sides.ask(put('a'))).status).toBe(502);
    expect(sides.service.upstream.requests).toHaveLength(0);
  });
});

test('reads are never held or moved by what is known of owners', async () => {
  await withSides({}, async (sides) => {
    sides.monolith.gate = { state: 'fenced', epoch: 2 };
    sides.ownership.learn({
      source: 'control',
      owners: [
        { migration: 'items', group: 'items', bucket: 0, owner: undefined, from: 'monolith', epoch: 2 },
      ],
    });
    expect((await sides.ask(get())).body).toBe('monolith ');
    sides.say({ stage: 'live' });
    expect((await sides.ask(get())).body).toBe('service ');
  });
});
