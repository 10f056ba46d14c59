import { expect, test } from '@jest/globals';
import type { RecordedConnection } from '#test/support/raw-http/recording-upstream.ts';
import { answer, get, withCopies } from './copied-traffic.ts';

test('a full queue drops the newest, and says so', async () => {
  const held: RecordedConnection[] = [];
  const fresh = { script: () => (connection: RecordedConnection) => void held.push(connection) };
  const old = { script: () => answer('alike') };
  const shadow = '{ noise: 0, maxConnections: 1, timeout: 1h }';
  await withCopies({ old, fresh, shadow, bounds: '{ queue: 3 }' }, async (traffic) => {
    await traffic.ask(get(0));
    await traffic.fresh.until(({ requests }) => requests.length === 1);
    for (let id = 1; id <= 8; id += 1) await traffic.ask(get(id));
    expect(traffic.status()).toMatchObject({ asking: 1, waiting: 3, skipped: { 'queue-full': 5 } });
    for (let sent = 0; sent < 4; sent += 1) {
      await traffic.fresh.until(() => held.length > sent);
      held[sent]?.socket.write(answer('alike'));
    }
    const totals = await traffic.until(({ compared }) => compared === 4);
    expect(totals).toMatchObject({ eligible: 9, same: 4, skipped: { 'queue-full': 5 } });
    // The eldest were kept, in their sequence.
    expect(traffic.fresh.requests.map(({ target }) => target)).toEqual(
      [0, 1, 2, 3].map((id) => `/items/${id}`),
    );
    expect(traffic.status().heldBytes).toBe(0);
  });
});

test('bodies over the cap are not copied; the client gets them whole', async () => {
  const large = 'x'.repeat(5_000);
  const old = { script: (request: { body: string }) => answer(request.body === '' ? large : 'small') };
  const routes = "      - { name: find, match: 'POST /parts/find', kind: read, shadow: { unsafe: true } }\n";
  await withCopies({ old, routes, bounds: '{ maxBodyBytes: 1KiB }' }, async (traffic) => {
    expect((await traffic.ask(get(1))).endsWith(large)).toBe(true);
    const post = `POST /parts/find HTTP/1.1\r\nContent-Length: 5000\r\n\r\n${large}`;
    expect((await traffic.ask(post)).endsWith('small')).toBe(true);
    const totals = await traffic.until(({ eligible }) => eligible === 2);
    expect(totals.skipped).toEqual({ 'answer-over-size': 1, 'request-over-size': 1 });
    expect(traffic.fresh.requests).toEqual([]);
    expect(traffic.status().heldBytes).toBe(0);
  });
});

test('beyond the rate nothing is copied, and it is counted', async () => {
  await withCopies({ shadow: '{ rate: 1, noise: 0 }' }, async (traffic) => {
    for (let id = 0; id < 5; id += 1) await traffic.ask(get(id));
    const totals = await traffic.until(({ eligible }) => eligible === 5);
    expect(totals.skipped['rate-cap']).toBeGreaterThanOrEqual(1);
    expect(traffic.fresh.requests.length).toBeLessThan(5);
  });
});

test('a client that leaves and a primary that fails leave nothing behind', async () => {
  const old = { script: () => (connection: RecordedConnection) => void connection.socket.resetAndDestroy() };
  await withCopies({ old }, async (traffic) => {
    expect(await traffic.ask(get(1))).toContain(' 502 ');
    const totals = await traffic.until(({ eligible }) => eligible === 1);
    expect(totals).toMatchObject({ compared: 0, skipped: { 'primary-failed': 1 } });
    expect(traffic.fresh.requests).toEqual([]);
    expect(traffic.status()).toMatchObject({ waiting: 0, heldBytes: 0 });
  });
});
