import { expect, test } from '@jest/globals';
import { answer, get, withCopies } from './copied-traffic.ts';

const old = { script: () => answer('the answer of the old side') };
/** Failures in a row after which copies are given up for a while. */
const failures = 10;

test('with the breaker open nothing of an exchange is copied, and the target is left alone but for a try now and then', async () => {
  const fresh = {
    script:
      () =>
      ({ socket }: { socket: { resetAndDestroy(): unknown } }) =>
        void socket.resetAndDestroy(),
  };
  await withCopies({ old, fresh, shadow: '{ noise: 0 }' }, async (traffic) => {
    for (let id = 0; traffic.status().breakers['items']?.service === 'closed'; id += 1)
      await traffic.ask(get(id));
    const before = traffic.fresh.requests.length;
    const begun = performance.now();
    for (let id = 100; id < 140; id += 1) {
      await traffic.ask(get(id));
      expect(traffic.status()).toMatchObject({ waiting: 0, heldBytes: 0 });
    }
    const tries = Math.ceil((performance.now() - begun) / 1_000);
    expect(traffic.fresh.requests.length - before).toBeLessThanOrEqual(tries);
    expect(traffic.status().skipped['breaker-open']).toBeGreaterThanOrEqual(40 - tries);
  });
});

test('copies that waited for a target that hung go a few at a time, so that clients are served in between', async () => {
  const waited = 300;
  const shadow = `{ noise: 0, rate: 100000, timeout: 1500ms, maxConnections: ${failures} }`;
  await withCopies(
    { old, fresh: { script: () => undefined }, shadow, bounds: '{ queue: 1000 }' },
    async (traffic) => {
      await Promise.all(Array.from({ length: waited + failures }, (_, id) => traffic.ask(get(id))));
      let last = traffic.status().waiting;
      expect(last).toBeGreaterThan(waited / 2);
      let most = 0;
      while (last > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        const now = traffic.status().waiting;
        most = Math.max(most, last - now);
        last = now;
      }
      expect(most).toBeLessThanOrEqual(50);
      await traffic.until(({ skipped }) => (skipped['breaker-open'] ?? 0) >= waited / 2);
    },
  );
});
