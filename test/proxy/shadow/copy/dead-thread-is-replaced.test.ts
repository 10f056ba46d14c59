import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { createByteBudget } from '#proxy/shadow/copy/byte-budget.ts';
import { createCompareThread, type CompareThread } from '#proxy/shadow/copy/compare-thread.ts';
import { Copy } from '#proxy/shadow/copy/copy.ts';
import { createRouteCounts } from '#proxy/shadow/copy/route-counts.ts';
import type { RoutePlan } from '#proxy/shadow/copy/route-plan.ts';
import type { ShadowDelta } from '#proxy/shadow/delta.types.ts';
import { createLog } from '#shared/telemetry/log.ts';

const of = { migration: 'items', route: 'item-read' } as const;
const budget = createByteBudget(1_048_576);
const leg = { status: 200, lines: '', durationMs: 1 };
let thread: CompareThread | undefined;

afterEach(async () => {
  await thread?.stop();
});

function setUp(bounds = { maxPairs: 100, maxBytes: 1_048_576 }) {
  const counts = createRouteCounts({ ...of, primarySide: 'monolith' });
  const plan: RoutePlan = {
    ...of,
    share: 100,
    noise: 0,
    unsafe: false,
    keySpace: 'path',
    compared: new Set<string>(),
    counts: { monolith: counts, service: counts },
  };
  const deltas: ShadowDelta[] = [];
  const made = createCompareThread({
    ...bounds,
    analysis: { migrations: {}, redact: { paths: [], headers: [], detectors: [] } },
    program: new URL('dying-worker.ts', import.meta.url),
    log: createLog({ name: 'test', level: 'silent' }),
    onWish: (copy) => copy.close(),
    onDelta: (delta) => void deltas.push(delta),
  });
  thread = made;
  const owner = { budget, maxBodyBytes: 1_024, take: () => {}, legEnded: () => {}, unused: () => {} };
  const pair = (key: string): Copy => {
    const facts = { plan, key, primarySide: 'monolith', id: key, isWrite: false, method: 'GET' } as const;
    const copy = new Copy(owner, { ...facts, target: '/', conditional: false, startedAt: 0 });
    copy.primary = { ...leg, body: Buffer.from('a') };
    const ended = { purpose: 'shadow', failure: undefined, asExpected: false };
    copy.shadow = { ...leg, ...ended, body: Buffer.from('b') };
    return copy;
  };
  return { thread: made, counts, deltas, pair };
}

async function until(thread: CompareThread, wanted: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !wanted(); await delay(10)) {
    thread.tick(performance.now());
    if (Date.now() > deadline) throw new Error('the thread never came to the expected state');
  }
}

test('a thread that hangs is ended, its pairs are counted as skipped, and the next one goes on', async () => {
  const { thread, counts, pair } = setUp();
  thread.send(pair('hang'));
  await until(thread, () => thread.state().running);
  thread.send(pair('1'));
  // As if so much time had gone by without a word from it.
  thread.tick(performance.now() + 14_000);
  expect(thread.state()).toMatchObject({ running: true, restarts: 0, pairs: 2 });
  thread.tick(performance.now() + 16_000);
  expect(thread.state().restarts).toBe(1);
  expect(counts.skipped['compare-overloaded']).toBe(2);
  thread.send(pair('2'));
  await until(thread, () => thread.state().running && thread.state().pairs === 0);
});

test('pairs that were in a thread which died are counted as skipped, and the next thread goes on', async () => {
  const { thread, counts, deltas, pair } = setUp();
  thread.send(pair('1'));
  await until(thread, () => thread.state().running && thread.state().pairs === 0);
  thread.send(pair('die'));
  thread.send(pair('2'));
  await until(thread, () => thread.state().restarts === 1);
  expect(counts.skipped['compare-overloaded']).toBe(2);
  expect(thread.state()).toMatchObject({ running: false, pairs: 0 });
  thread.send(pair('3'));
  await until(thread, () => thread.state().running && thread.state().pairs === 0);
  expect(thread.flush()).toBe(true);
  await until(thread, () => deltas.length === 1);
  expect(deltas[0]?.routes).toMatchObject([{ compared: 1, different: 1 }]);
});

test('pairs beyond the bound are skipped, by number and by bytes', () => {
  const few = setUp({ maxPairs: 3, maxBytes: 1_048_576 });
  for (let key = 0; key < 5; key += 1) few.thread.send(few.pair(String(key)));
  expect(few.counts.skipped['compare-overloaded']).toBe(2);
  const small = setUp({ maxPairs: 100, maxBytes: 5 });
  for (let key = 0; key < 5; key += 1) small.thread.send(small.pair(String(key)));
  expect(small.counts.skipped['compare-overloaded']).toBe(3);
});

test('without a thread there is no delta to wait for', () => {
  expect(setUp().thread.flush()).toBe(false);
});
