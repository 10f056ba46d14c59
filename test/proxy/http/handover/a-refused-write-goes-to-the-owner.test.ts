import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { get, put, refusal, withSides, type Sides } from '#test/support/raw-http/with-sides.ts';

function serviceOwns({ monolith, service }: Sides): void {
  monolith.gate = { state: 'follower', epoch: 2 };
  service.gate = { state: 'owner', epoch: 2 };
}

test('the owner gets the same bytes, once, and the client the owner’s answer alone', async () => {
  await withSides({}, async (sides) => {
    serviceOwns(sides);
    const { monolith, service } = sides;
    const answer = await sides.ask(put('first'));
    expect(answer).toMatchObject({ status: 200, body: 'service first' });
    expect(answer.headers.filter(([name]) => /^banyan/i.test(name))).toEqual([]);
    const [refused] = monolith.upstream.connections;
    const [taken] = service.upstream.connections;
    expect(taken?.bytes).toBe(refused?.bytes);
    expect([monolith.effects, service.effects]).toEqual([[], ['first']]);
    expect(sides.reports).toMatchObject([
      { status: 200, decision: { upstream: 'old' }, redirectedTo: 'new', failure: undefined },
    ]);
    // It is known now, whatever the stage still says.
    expect((await sides.ask(put('second'))).body).toBe('service second');
    expect(monolith.upstream.requests).toHaveLength(1);
    expect(sides.reports[1]?.decision).toMatchObject({ upstream: 'new', reason: 'owner' });
  });
});

test('chunked bodies, small and large, keep their framing and their bytes', async () => {
  await withSides({}, async (sides) => {
    serviceOwns(sides);
    for (const body of ['hello', 'x'.repeat(200_000)]) {
      sides.ownership.learn({
        source: 'proxy',
        owners: [
          { migration: 'items', group: 'items', bucket: 0, owner: 'monolith', from: undefined, epoch: 1 },
        ],
      });
      const client = await sides.connect();
      client.send('POST /items HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n');
      const half = Math.floor(body.length / 2);
      for (const part of [body.slice(0, half), body.slice(half)]) {
        client.send(`${part.length.toString(16)}\r\n${part}\r\n`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      client.send('0\r\n\r\n');
      expect((await client.response('POST')).body).toBe(`service ${body}`);
      expect(sides.service.upstream.requests.at(-1)).toMatchObject({ chunked: true, body });
    }
    expect(sides.plane.held()).toEqual({ requests: 0, bytes: 0 });
  });
});

test('a body that waits for 100 Continue, and the requests that are pipelined behind it', async () => {
  await withSides({}, async (sides) => {
    serviceOwns(sides);
    const client = await sides.connect();
    client.send(
      'PUT /items/1 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    );
    expect((await client.response('PUT')).status).toBe(100);
    client.send(`hello${put('next')}${get('/items/2')}`);
    expect((await client.response('PUT')).body).toBe('service hello');
    expect((await client.response('PUT')).body).toBe('service next');
    expect((await client.response('GET')).body).toBe('monolith ');
    expect(sides.service.effects).toEqual(['hello', 'next']);
  });
});

test('a read that turns out to be a write goes to the owner too', async () => {
  const script = (request: { target: string }, side: 'monolith' | 'service') =>
    request.target === '/look-up' && side === 'monolith'
      ? refusal(side, { state: 'follower', epoch: 2 })
      : undefined;
  await withSides({ script }, async (sides) => {
    serviceOwns(sides);
    const answer = await sides.ask('POST /look-up HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\n\r\nx');
    expect(answer).toMatchObject({ status: 200, body: 'service x' });
  });
});

test('a refusal whose body comes late, breaks off or does not end does no harm', async () => {
  const parts = ['{"late":true}', undefined, 'x'.repeat(100_000)];
  for (const part of parts) {
    const script = (_request: unknown, side: 'monolith' | 'service') =>
      side === 'service'
        ? undefined
        : (connection: { socket: Socket }) => {
            const length = part === '{"late":true}' ? part.length : 1_000_000;
            connection.socket.write(
              `HTTP/1.1 421 No\r\nBanyan-Group: items\r\nBanyan-Bucket: 0\r\nBanyan-Epoch: 2\r\nBanyan-Owner: service\r\nContent-Length: ${length}\r\n\r\n`,
            );
            setTimeout(
              () => (part === undefined ? connection.socket.destroy() : connection.socket.write(part)),
              10,
            );
          };
    await withSides({ script }, async (sides) => {
      serviceOwns(sides);
      expect((await sides.ask(put('a'))).body).toBe('service a');
      expect(sides.service.effects).toEqual(['a']);
    });
  }
});
