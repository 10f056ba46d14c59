import { expect, test } from '@jest/globals';
import { createRecentWrites } from '#proxy/shadow/copy/recent-writes.ts';
import type { UpstreamScript } from '#test/support/raw-http/recording-upstream.ts';
import { answer, get, withCopies } from './copied-traffic.ts';

const put = 'PUT /items/1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi';

test('a difference near a write to its key is asked anew after the lag, and is a race where it agrees then', async () => {
  let reads = 0;
  // The copy lags: it has the write only at the second look.
  const fresh = { script: () => answer((reads += 1) === 1 ? 'before' : 'after') };
  const old = { script: () => answer('after') };
  await withCopies({ old, fresh, shadow: '{ noise: 0, lag: 100ms }' }, async (traffic) => {
    await traffic.ask(put);
    await traffic.ask(get(1));
    const totals = await traffic.until(({ compared }) => compared === 1);
    expect(totals).toMatchObject({ eligible: 1, raced: 1, different: 0, findings: [] });
    expect(traffic.fresh.requests).toHaveLength(2);
    expect(traffic.status().heldBytes).toBe(0);
  });
});

test('what still differs then is a difference; far from any write there is no second look at both', async () => {
  const options = { old: { script: () => answer('a') }, fresh: { script: () => answer('b') } };
  await withCopies({ ...options, shadow: '{ noise: 0, lag: 100ms }' }, async (traffic) => {
    await traffic.ask(put);
    await traffic.ask(get(1));
    expect(await traffic.until(({ compared }) => compared === 1)).toMatchObject({ raced: 0, different: 1 });
    expect(traffic.fresh.requests).toHaveLength(2);
  });
  await withCopies({ ...options, shadow: '{ noise: 0, lag: 100ms }' }, async (traffic) => {
    await traffic.ask(get(1));
    expect(await traffic.until(({ compared }) => compared === 1)).toMatchObject({ raced: 0, different: 1 });
    // The primary is asked once more, to tell noise from difference; the other side is not.
    await traffic.old.until(({ requests }) => requests.length === 2);
    expect(traffic.fresh.requests).toHaveLength(1);
  });
});

test('a key that is written again before the later look is looked at later still', async () => {
  const reads = { seen: 0 };
  const fresh = { script: () => answer((reads.seen += 1) < 3 ? 'before' : 'after') };
  const old = { script: () => answer('after') };
  await withCopies({ old, fresh, shadow: '{ noise: 0, lag: 300ms }' }, async (traffic) => {
    const writes = (async () => {
      while (reads.seen < 2) await traffic.ask(put);
    })();
    await traffic.ask(get(1));
    await writes;
    const totals = await traffic.until(({ compared }) => compared === 1);
    expect(totals).toMatchObject({ raced: 1, different: 0, findings: [] });
  });
});

test('a write without a key that comes at the later look makes for one more, and no more than that', async () => {
  const write: { again?: () => Promise<string> } = {};
  const old: UpstreamScript = {
    script: ({ method }) =>
      method === 'POST'
        ? answer('written')
        : ({ socket }) => void write.again?.().then(() => socket.write(answer('a'))),
  };
  const fresh = { script: () => answer('b') };
  const routes = '      - { name: item-add, match: POST /items }\n';
  await withCopies({ old, fresh, routes, shadow: '{ noise: 0, lag: 50ms }' }, async (traffic) => {
    write.again = () => traffic.ask('POST /items HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi');
    await traffic.ask(get(1));
    expect(await traffic.until(({ compared }) => compared === 1)).toMatchObject({ raced: 0, different: 1 });
    expect(traffic.fresh.requests).toHaveLength(3);
  });
});

test('statuses that part only at the later look are looked at again, since something happened in between', async () => {
  let [reads, copies] = [0, 0];
  // Logged out between the two looks, which the other side hears of a look later.
  const gone = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n';
  const old: UpstreamScript = {
    script: ({ method }) => (method === 'GET' && (reads += 1) > 1 ? gone : answer('a')),
  };
  const fresh = { script: () => ((copies += 1) > 2 ? gone : answer('b')) };
  await withCopies({ old, fresh, shadow: '{ noise: 0, lag: 100ms }' }, async (traffic) => {
    await traffic.ask(put);
    await traffic.ask(get(1));
    const totals = await traffic.until(({ skipped }) => skipped['gone-since'] === 1);
    expect(totals).toMatchObject({ eligible: 1, compared: 0, different: 0, findings: [] });
  });
});

test('a key that is written at each look is never compared, which is counted', async () => {
  const write: { again?: () => Promise<string> } = {};
  // Each read is answered after one more write.
  const old: UpstreamScript = {
    script: ({ method }) =>
      method === 'PUT'
        ? answer('written')
        : ({ socket }) => void write.again?.().then(() => socket.write(answer('a'))),
  };
  const fresh = { script: () => answer('b') };
  await withCopies({ old, fresh, shadow: '{ noise: 0, lag: 50ms }' }, async (traffic) => {
    write.again = () => traffic.ask(put);
    await traffic.ask(get(1));
    const totals = await traffic.until(({ skipped }) => skipped['always-written'] === 1);
    expect(totals).toMatchObject({ eligible: 1, compared: 0, findings: [] });
    expect(traffic.status().heldBytes).toBe(0);
  });
});

test('what both sides refuse at the later look was no race, and is not compared', async () => {
  const gone = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n';
  const once = (first: string): UpstreamScript => {
    let reads = 0;
    return { script: ({ method }) => (method === 'GET' && (reads += 1) > 1 ? gone : answer(first)) };
  };
  const sides = { old: once('a'), fresh: once('b') };
  await withCopies({ ...sides, shadow: '{ noise: 100, lag: 100ms }' }, async (traffic) => {
    await traffic.ask(put);
    await traffic.ask(get(1));
    const totals = await traffic.until(({ skipped }) => skipped['gone-since'] === 1);
    expect(totals).toMatchObject({ eligible: 1, compared: 0, raced: 0, findings: [] });
  });
});

test('a pair that was chosen to measure noise measures it at its later look', async () => {
  const sides = { old: { script: () => answer('a') }, fresh: { script: () => answer('b') } };
  await withCopies({ ...sides, shadow: '{ noise: 100, lag: 100ms }' }, async (traffic) => {
    await traffic.ask(put);
    await traffic.ask(get(1));
    const totals = await traffic.until(({ compared }) => compared === 1);
    expect(totals).toMatchObject({ noiseSamples: 1, different: 1, raced: 0 });
  });
});

const at = (space: string, key: string | undefined) => ({ migration: 'm', space, key });

test('near are writes to the same key, and those whose key cannot be compared', () => {
  const writes = createRecentWrites(100);
  writes.note(at('path', '1'), 50);
  expect(writes.near(at('path', '1'), 50)).toBe(true);
  expect(writes.near(at('path', '1'), 51)).toBe(false);
  expect(writes.near(at('path', '2'), 50)).toBe(false);
  expect(writes.near(at('header x', '2'), 50)).toBe(true);
  expect(writes.near(at('', undefined), 50)).toBe(true);
  expect(writes.near({ migration: 'other', space: '', key: undefined }, 50)).toBe(false);
  writes.note(at('', undefined), 60);
  expect(writes.near(at('path', '2'), 55)).toBe(true);
});

test('memory is bounded, and what had to be forgotten counts as near', () => {
  const writes = createRecentWrites(10);
  for (let key = 0; key < 1_000; key += 1) writes.note(at('path', String(key)), key);
  expect(writes.near(at('path', 'never written'), 989)).toBe(true);
  expect(writes.near(at('path', 'never written'), 990)).toBe(false);
  expect(writes.near(at('path', '995'), 990)).toBe(true);
  expect(writes.takeNew()).toHaveLength(10);
  expect(writes.takeNew()).toEqual([]);
});

test('what another worker wrote counts as well', () => {
  const [here, there] = [createRecentWrites(10), createRecentWrites(10)];
  there.note(at('path', '1'), 50);
  here.learn(there.takeNew());
  expect(here.near(at('path', '1'), 50)).toBe(true);
  expect(here.takeNew()).toEqual([]);
});
