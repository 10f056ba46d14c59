import { expect, test } from '@jest/globals';
import { createRecentWrites } from '#proxy/shadow/copy/recent-writes.ts';
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
