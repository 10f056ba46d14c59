import { expect, test } from '@jest/globals';
import type { Status } from '#proxy/control/status.ts';
import type { MovesStatus } from '#proxy/control/mover/moving.ts';
import type { SampleEvent } from '#sample/events.ts';
import type { RampModel } from '#sample/live-model.ts';
import type { SharesModel } from '#sample/in-force.ts';
import { createObserver } from '#sample/observer.ts';
import { createReadCounter } from '#sample/read-counter.ts';
import type { TallySnapshot } from '#sample/traffic/tally.ts';
import { model } from './view/model.ts';

const ramp: RampModel = model.ramp;

function status(change: {
  readonly startedAt?: string;
  readonly ways: readonly (readonly [route: string, target: string, requests: number])[];
  readonly lastError?: string;
  readonly workers?: readonly unknown[];
  readonly moves?: Pick<MovesStatus, 'state' | 'last'>;
}): Status {
  const { startedAt = 'first', ways, lastError, workers = [], moves } = change;
  return {
    startedAt,
    restarts: 0,
    workers,
    cutover: moves === undefined ? undefined : [{ migration: 'users', moves }],
    flags: { state: lastError === undefined ? 'current' : 'stale', lastError, firstProblem: lastError },
    migrations: {
      users: {
        stage: 'shadow',
        killed: true,
        targets: { monolith: 'old', service: 'new' },
        reads: ['user-read', 'introspect'],
        writes: ['user-update'],
        readLatencyMs: { service: model.reads.service.latency },
      },
    },
    traffic: {
      ways: ways.map(([route, target, requests]) => ({ route, target, requests, reasons: {} })),
    },
  } as unknown as Status;
}

function observing(
  answers: (Status | undefined)[],
  users: () => TallySnapshot | undefined = () => undefined,
  shares: (SharesModel | undefined)[] = [],
) {
  const events: SampleEvent[] = [];
  const observer = createObserver({
    migration: { name: 'users' },
    reads: createReadCounter({ name: 'users', readRoutes: ['user-read'] }),
    shares: () => shares.shift(),
    places: model.places,
    status: async () => answers.shift(),
    shadow: async () => model.shadow,
    users,
    ramp: () => ramp,
    release: () => model.release,
    processes: () => model.processes,
    proxy: 'proxy',
    tell: (event) => events.push(event),
  });
  return { observer, events };
}

test('only reads that a share moves count, by the side that answered', async () => {
  const { observer } = observing([
    status({
      ways: [
        ['user-read', 'old', 30],
        ['user-read', 'new', 12],
        ['user-update', 'old', 500],
        // A read without a read flag: no share ever moves it.
        ['introspect', 'old', 70],
        ['other', 'old', 900],
      ],
    }),
  ]);
  const { reads } = await observer.look();
  expect(reads.monolith).toMatchObject({ name: 'old', total: 30, latency: undefined });
  expect(reads.service).toMatchObject({ name: 'new', total: 12, latency: { p50: 0.42 } });
});

test('totals go on when the proxy starts anew, and stand while it does not answer', async () => {
  const { observer, events } = observing([
    status({ ways: [['user-read', 'new', 10]] }),
    undefined,
    status({ startedAt: 'second', ways: [['user-read', 'new', 3]] }),
  ]);
  const totals = [];
  for (let look = 0; look < 3; look += 1) {
    const { reads, processes } = await observer.look();
    totals.push([reads.service.total, processes.find(({ name }) => name === 'proxy')?.restarts]);
  }
  expect(totals).toEqual([
    [10, 0],
    [10, 0],
    [13, 1],
  ]);
  expect(events).toEqual([{ event: 'proxy-restarted' }]);
});

test('a change of the flags is told once, each way', async () => {
  const ways = [] as const;
  const { observer, events } = observing([
    status({ ways }),
    status({ ways, lastError: 'must be JSON' }),
    status({ ways, lastError: 'must be JSON' }),
    undefined,
    status({ ways }),
  ]);
  for (let look = 0; look < 5; look += 1) await observer.look();
  expect(events).toEqual([
    { event: 'flags', state: 'stale', lastError: 'must be JSON', firstProblem: 'must be JSON' },
    { event: 'flags', state: 'current', lastError: undefined, firstProblem: undefined },
  ]);
});

const worker = (
  pid: number,
  epoch: number,
  owned: { monolith: number; service: number; moving: number },
) => ({
  pid,
  ownership: {
    migrations: { users: { groups: { users: { epoch, owned } } } },
    counts: { held: 2, heldMs: 30, redirected: 1, unanswered: 0, waited: 4, stale: 0 },
  },
});

test('a move is told once, and the owner is what the worker that lags behind knows', async () => {
  const ways = [] as const;
  const last = {
    group: 'users',
    to: 'service',
    at: '2026-11-01T12:00:00.000Z',
    moved: 1,
    unmoved: 0,
    tookMs: 50,
    pause: { count: 1, p50: 20, p99: 20, max: 20 },
  } as const;
  const before = (pid: number) => worker(pid, 3, { monolith: 1, service: 0, moving: 0 });
  const after = (pid: number) => worker(pid, 4, { monolith: 0, service: 1, moving: 0 });
  const { observer, events } = observing([
    status({ ways, workers: [before(1), before(2)], moves: { state: 'moving', last: undefined } }),
    status({ ways, workers: [after(1), before(2)], moves: { state: 'none', last } }),
    status({ ways, workers: [after(1), after(2)], moves: { state: 'none', last } }),
    status({ ways, workers: [after(1), after(2)] }),
    undefined,
  ]);
  const owners = [];
  for (let look = 0; look < 5; look += 1) owners.push((await observer.look()).ownership?.owned.service);
  expect(owners).toEqual([0, 0, 1, 1, 1]);
  expect(events).toEqual([{ event: 'moved', to: 'service', moved: 1, pauseMs: 20 }]);
  const { ownership, moves } = await observer.look();
  expect(ownership).toMatchObject({ state: 'none', last, held: 4, heldMs: 60, redirected: 2, waited: 8 });
  expect(moves).toEqual([last]);
});

test('each failure is told once', async () => {
  const { users } = model;
  if (users === undefined) throw new Error('the model has users');
  const failures: string[] = [];
  const { observer, events } = observing([], () => ({ ...users, failures: [...failures] }));
  await observer.look();
  failures.push('one', 'two');
  await observer.look();
  failures.push('three');
  await observer.look();
  expect(events).toEqual(['one', 'two', 'three'].map((what) => ({ event: 'request-failed', what })));
});

test('in force is what the proxy says, with the shares of the last good file', async () => {
  const ways = [] as const;
  const shares = { least: 0, most: 25, exceptions: false };
  const { observer } = observing([status({ ways }), status({ ways, lastError: 'must be JSON' })], undefined, [
    shares,
    undefined,
  ]);
  const wanted = { stage: 'shadow', killed: true, shares };
  expect((await observer.look()).inForce).toEqual(wanted);
  expect((await observer.look()).inForce).toEqual(wanted);
  expect((await observer.look()).inForce).toBeUndefined();
});
