import { expect, test } from '@jest/globals';
import { answer, get, withCopies, type TrafficOptions } from './copied-traffic.ts';

const good = { script: () => answer('the answer of the old side') };
const requests = 30;
const million = Buffer.alloc(1_048_576, 'x');

/** Never ends by itself: a gigabyte, as far as it is taken. */
const gigabyte: TrafficOptions['fresh'] = {
  script:
    () =>
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = (): void => {
        if (socket.destroyed) return;
        socket.write('100000\r\n');
        if (socket.write(Buffer.concat([million, Buffer.from('\r\n')]))) setImmediate(more);
        else socket.once('drain', more);
      };
      more();
    },
};

test.each<{
  readonly name: string;
  readonly fresh: NonNullable<TrafficOptions['fresh']>;
  readonly seen: string;
}>([
  { name: 'hangs', fresh: { script: () => undefined }, seen: 'upstream-header-timeout' },
  {
    name: 'resets',
    fresh: { script: () => (connection) => void connection.socket.resetAndDestroy() },
    seen: 'upstream-closed',
  },
  {
    name: 'drips',
    fresh: {
      script:
        () =>
        ({ socket }) => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
          const timer = setInterval(() => socket.write('x'), 20);
          socket.on('close', () => clearInterval(timer));
        },
    },
    seen: 'upstream-body-timeout',
  },
  {
    name: 'sends huge headers',
    fresh: { script: () => `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(300_000)}\r\nContent-Length: 0\r\n\r\n` },
    seen: 'upstream-malformed',
  },
  { name: 'speaks nonsense', fresh: { script: () => 'nonsense\r\n\r\n' }, seen: 'upstream-malformed' },
  {
    name: 'frames twice',
    fresh: {
      script: () => 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    },
    seen: 'upstream-malformed',
  },
])('a shadow target that $name changes no answer, is asked once, and is counted', async ({ fresh, seen }) => {
  const shadow = '{ noise: 0, timeout: 300ms, maxConnections: 4 }';
  await withCopies({ old: good, fresh, shadow }, async (traffic) => {
    for (let id = 0; id < requests; id += 1) {
      const text = await traffic.ask(get(id));
      expect(text.endsWith('\r\n\r\nthe answer of the old side')).toBe(true);
    }
    expect(traffic.old.requests).toHaveLength(requests);
    const { eligible, compared, skipped, shadowFailures } = await traffic.until(
      (totals) => Object.values(totals.skipped).reduce((sum, count) => sum + count, 0) === requests,
    );
    expect({ eligible, compared }).toEqual({ eligible: requests, compared: 0 });
    expect(Object.keys(skipped).filter((reason) => !/^(shadow-failed|breaker-open)$/.test(reason))).toEqual(
      [],
    );
    expect(shadowFailures[seen]).toBeGreaterThan(0);
    // No request came to the shadow target twice.
    const targets = traffic.fresh.requests.map(({ target }) => target);
    expect(new Set(targets).size).toBe(targets.length);
    expect(traffic.status()).toMatchObject({ waiting: 0, asking: 0, held: 0, heldBytes: 0 });
  });
});

test('an answer of a gigabyte is cut at the cap, announced or not', async () => {
  const bounds = '{ maxBodyBytes: 64KiB }';
  await withCopies({ old: good, fresh: gigabyte, bounds }, async (traffic) => {
    expect(await traffic.ask(get(1))).toContain('the answer of the old side');
    const totals = await traffic.until(({ skipped }) => skipped['answer-over-size'] === 1);
    expect(totals.compared).toBe(0);
    await traffic.fresh.until(({ connections }) => connections.every(({ closed }) => closed));
    expect(traffic.status()).toMatchObject({ asking: 0, heldBytes: 0 });
  });
  const announced = { script: () => 'HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\nx' };
  await withCopies({ old: good, fresh: announced, bounds }, async (traffic) => {
    await traffic.ask(get(1));
    await traffic.until(({ skipped }) => skipped['answer-over-size'] === 1);
    await traffic.fresh.until(({ connections }) => connections.every(({ closed }) => closed));
  });
});

test('a breaker opens after failures in a row, and closes when the target answers again', async () => {
  let isWell = false;
  const fresh: TrafficOptions['fresh'] = {
    script: () => (connection) => {
      if (isWell) connection.socket.write(answer('the answer of the old side'));
      else connection.socket.resetAndDestroy();
    },
  };
  await withCopies({ old: good, fresh }, async (traffic) => {
    for (let id = 0; id < 20; id += 1) await traffic.ask(get(id));
    await traffic.until(({ skipped }) => (skipped['breaker-open'] ?? 0) > 0);
    expect(traffic.status().breakers['items']).toEqual({ monolith: 'closed', service: 'open' });
    isWell = true;
    for (let id = 20; traffic.totals().same === 0; id += 1) await traffic.ask(get(id));
    expect(traffic.status().breakers['items']).toEqual({ monolith: 'closed', service: 'closed' });
  });
});

test('a drain with a shadow target that hangs ends at once, and drops what waited', async () => {
  await withCopies(
    { old: good, fresh: { script: () => undefined }, shadow: '{ timeout: 1h }' },
    async (traffic) => {
      await traffic.ask(get(1));
      await traffic.fresh.until(({ requests }) => requests.length >= 1);
      await traffic.role.stop();
      expect(traffic.totals()).toMatchObject({ eligible: 1, compared: 0 });
      await traffic.fresh.until(({ connections }) => connections.every(({ closed }) => closed));
    },
  );
});
