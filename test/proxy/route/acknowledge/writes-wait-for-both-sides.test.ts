import { expect, test } from '@jest/globals';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { AcknowledgeQuestion, DegradedReason } from '#proxy/route/acknowledge/acknowledge.types.ts';
import {
  createAcknowledging,
  type AcknowledgeEvent,
  type Acknowledging,
} from '#proxy/route/acknowledge/acknowledging.ts';
import { acknowledgeBreaker } from '#proxy/route/acknowledge/breaker.ts';

interface World {
  readonly acknowledging: Acknowledging;
  readonly asked: AcknowledgeQuestion[];
  readonly events: AcknowledgeEvent[];
  answer(at: number, degraded?: DegradedReason): void;
}

function world(withinMs: number, isThere = true): World {
  const asked: AcknowledgeQuestion[] = [];
  const events: AcknowledgeEvent[] = [];
  const acknowledging = createAcknowledging({
    within: { items: withinMs },
    ask: (question) => {
      asked.push(question);
      return isThere;
    },
    onEvent: (event) => events.push(event),
  });
  return {
    acknowledging,
    asked,
    events,
    answer: (at, degraded) => acknowledging.answered({ id: asked[at]?.id ?? -1, degraded }),
  };
}

/** @returns what the answer says */
function write(
  { acknowledging }: World,
  more: { readonly on?: 'monolith' | 'service'; readonly hasRoom?: boolean } = {},
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  acknowledging.hold({ migration: 'items', on: 'monolith', hasRoom: true, ...more }, (lines) =>
    resolve(lines.map((line) => line.join(': ')).join()),
  );
  return promise;
}

const both = 'banyan-acknowledged: both';
const owner = 'banyan-acknowledged: owner';

test('writes of one turn share a question, those of another side or turn have their own', async () => {
  const here = world(60_000);
  const first = [write(here), write(here), write(here, { on: 'service' })];
  await turn();
  const second = write(here);
  await turn();
  expect(here.asked.map(({ migration, on, withinMs }) => [migration, on, withinMs])).toEqual([
    ['items', 'monolith', 60_000],
    ['items', 'service', 60_000],
    ['items', 'monolith', 60_000],
  ]);
  here.answer(0);
  expect(await Promise.all(first.slice(0, 2))).toEqual([both, both]);
  here.answer(2, 'parked');
  expect(await second).toBe(owner);
  expect(here.acknowledging.status()['items']).toMatchObject({
    waiting: 1,
    both: 2,
    degraded: { parked: 1 },
  });
  here.answer(1);
  expect(await first[2]).toBe(both);
  // Twice, or of nobody.
  here.answer(0);
  here.acknowledging.answered({ id: 99 });
  expect(here.acknowledging.status()['items']).toMatchObject({ waiting: 0, both: 3, breaker: 'closed' });
});

test('without an answer it goes after its bound; without a mover, or without room, at once', async () => {
  expect(await write(world(10))).toBe(owner);
  const alone = world(60_000, false);
  expect(await write(alone)).toBe(owner);
  expect(await write(alone, { hasRoom: false })).toBe(owner);
  expect(alone.acknowledging.status()['items']?.degraded).toEqual({ 'no-mover': 1, crowded: 1 });
  expect(alone.acknowledging.covers('other')).toBe(false);
});

test('a client that left is counted, and nobody is told of it later', async () => {
  const here = world(60_000);
  let told = 0;
  const hold = here.acknowledging.hold(
    { migration: 'items', on: 'monolith', hasRoom: true },
    () => (told += 1),
  );
  await turn();
  hold?.leave();
  here.answer(0);
  expect(told).toBe(0);
  expect(here.acknowledging.status()['items']).toMatchObject({ waiting: 0, left: 1, both: 0 });
});

test('after five in a row that were late none waits, until a write in passing finds that both keep up', async () => {
  const here = world(5);
  await Promise.all([1, 2, 3, 4].map(() => write(here)));
  expect(here.acknowledging.status()['items']?.breaker).toBe('closed');
  await write(here);
  expect(here.acknowledging.status()['items']?.breaker).toBe('open');
  expect(here.events.filter(({ kind }) => kind === 'breaker-open')).toHaveLength(1);
  const before = here.asked.length;
  expect(await write(here)).toBe(owner);
  await turn();
  expect([here.asked.length - before, here.acknowledging.status()['items']?.degraded]).toEqual([
    0,
    { late: 5, 'breaker-open': 1 },
  ]);
  while (here.asked.length === before) {
    expect(await write(here)).toBe(owner);
    await delay(20);
  }
  here.answer(before);
  expect(here.acknowledging.status()['items']?.breaker).toBe('closed');
  const again = write(here);
  await turn();
  here.answer(before + 1);
  expect(await again).toBe(both);
  expect(here.events.at(-1)).toEqual({ kind: 'breaker-closed', migration: 'items' });
});

test('one that was in time starts the count anew, and it is tried once each second', () => {
  let now = 0;
  const breaker = acknowledgeBreaker(() => now);
  for (let tries = 0; tries < 3; tries += 1) {
    for (let late = 0; late < 4; late += 1) expect(breaker.late()).toBe(false);
    expect(breaker.reached()).toBe(false);
  }
  for (let late = 0; late < 5; late += 1) breaker.late();
  expect([breaker.isOpen, breaker.mayProbe()]).toEqual([true, false]);
  now = 1_000;
  expect([breaker.mayProbe(), breaker.mayProbe()]).toEqual([true, false]);
  expect([breaker.reached(), breaker.isOpen, breaker.mayProbe()]).toEqual([true, false, false]);
});

test('when the process ends nothing is held beyond what it has left', async () => {
  const here = world(60_000);
  const held = write(here);
  here.acknowledging.endWithin(5);
  expect(await held).toBe(owner);
  expect(here.acknowledging.status()['items']?.degraded).toEqual({ draining: 1 });
});
