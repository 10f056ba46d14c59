import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stages, type Stage } from '#flags/stages.ts';
import type { Leadership } from '#proxy/control/mover/leader.ts';
import type { MoverPhase } from '#proxy/control/mover/mover-status.ts';
import { startMover, type Mover } from '#proxy/control/mover/mover.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { fakeEngine, type FakeEngine } from './fake-engine.ts';

const plan: CutoverPlan = {
  migration: 'domain',
  databases: {
    monolith: { url: 'postgres://a:b@h/m', installUrl: undefined },
    service: { url: 'postgres://a:b@h/s', installUrl: undefined },
  },
  groups: [],
};
const limits = { outboxBytes: 1, outboxAgeMs: 1, verifyWithinMs: 1, workers: 1 };

let engine: FakeEngine;
let mover: Mover;
let stage: Stage;
let leads: boolean;
let lost: AbortController;

beforeEach(() => {
  engine = fakeEngine();
  stage = 'off';
  leads = true;
  lost = new AbortController();
  mover = start();
});

function start(): Mover {
  const lead = async (): Promise<Leadership | undefined> =>
    leads ? { signal: lost.signal, release: async () => undefined } : undefined;
  return startMover({
    plan,
    limits,
    engine,
    lead,
    stage: () => stage,
    log: createLog({ name: 'mover', level: 'silent' }),
    backoffMs: 1,
    lookMs: 1,
  });
}
afterEach(() => mover.stop());

async function until(phase: MoverPhase, more: () => boolean = () => true): Promise<void> {
  for (let tries = 0; mover.status().phase !== phase || !more(); tries += 1) {
    if (tries > 2_000)
      throw new Error(`it is ${mover.status().phase}, not ${phase}: ${engine.calls.join(', ')}`);
    await delay(2);
  }
}

test('off → dualwrite → off → dualwrite: made, dropped, made anew', async () => {
  stage = 'dualwrite';
  await until('following');
  expect(engine.calls).toEqual([
    'startCapture monolith',
    'startCapture service',
    'anew from monolith',
    'anew from service',
    'stream monolith',
    'stream service',
    'backfill service',
    'verify',
    'sample',
  ]);
  expect(mover.status()).toMatchObject({
    lagMs: 5,
    verification: { state: 'equal', rows: 9 },
    progress: [{ dataset: 'items' }],
  });
  stage = 'off';
  await until('off');
  expect(engine.calls.slice(9)).toEqual([
    'stopped sample',
    'stopped monolith',
    'stopped service',
    'stopCapture monolith',
    'stopCapture service',
  ]);
  engine.calls.length = 0;
  stage = 'shadow';
  await until('following');
  expect(engine.calls.slice(0, 2)).toEqual(['startCapture monolith', 'startCapture service']);
});

test('a later stage keeps the copy that is there', async () => {
  engine.capture = undefined;
  stage = 'rampdown';
  await until('following');
  expect(engine.calls.slice(0, 3)).toEqual(['anew from monolith', 'anew from service', 'stream monolith']);
});

test('the stage complete alone goes on copying, and says which command it waits for', async () => {
  engine.capture = undefined;
  stage = 'complete';
  await until('following');
  await until('following', () => mover.status().complete === false);
  expect(mover.status().waitsFor).toBe('banyan cutover complete --migration domain');
});

test.each(stages)('completed, at %s: nothing is captured, copied, moved or held up', async (any) => {
  engine.capture = undefined;
  stage = 'rampdown';
  await until('following');
  engine.complete = true;
  await until('complete');
  expect(engine.calls.slice(-3)).toEqual(['stopped sample', 'stopped monolith', 'stopped service']);
  engine.calls.length = 0;
  stage = any;
  await delay(30);
  expect(engine.calls).toEqual([]);
  expect(mover.status()).toMatchObject({
    phase: 'complete',
    complete: true,
    owner: 'service',
    lastError: undefined,
    moves: undefined,
    waitsFor: undefined,
  });
});

test('a mover that comes to a completed migration touches nothing, at whatever stage', async () => {
  engine.complete = true;
  engine.capture = 'the migration is complete';
  stage = 'shadow';
  await mover.stop();
  engine.calls.length = 0;
  mover = start();
  await until('complete');
  expect(engine.calls).toEqual([]);
});

test('an installation that is made anew is copied again', async () => {
  engine.complete = true;
  stage = 'dualwrite';
  await until('complete');
  engine.complete = false;
  await until('following');
});

test('a step that fails is begun again, its error shown until then', async () => {
  engine.failures.set('backfill service', new Error('the connection was lost'));
  stage = 'dualwrite';
  await until('following');
  expect(engine.calls.filter((call) => call === 'backfill service')).toHaveLength(2);
  expect(engine.calls.filter((call) => call === 'startCapture monolith')).toHaveLength(1);
  expect(mover.status().lastError).toBeUndefined();
});

test('not installed: it says so, and goes on once it is', async () => {
  engine.installedSides = false;
  stage = 'dualwrite';
  await until('failed');
  expect(mover.status().lastError).toContain('banyan cutover install --migration domain');
  engine.installedSides = true;
  await until('following');
});

test('differences of a copy that was begun anew are repaired until there are none', async () => {
  engine.differences = [3, 1, 0];
  stage = 'dualwrite';
  await until('following');
  expect(engine.calls.filter((call) => call === 'repair')).toHaveLength(2);
  expect(mover.status().verification).toMatchObject({ state: 'equal', repaired: 2 });
});

test('an outbox over its limit stops the copy for good, and off lets it begin again', async () => {
  stage = 'dualwrite';
  await until('following');
  engine.streamState = 'stopped';
  await until('stopped');
  expect(mover.status().lastError).toContain('over its limit');
  expect(engine.calls).toContain('stopCapture monolith');
  engine.streamState = 'following';
  await delay(20);
  expect(mover.status().phase).toBe('stopped');
  stage = 'off';
  await until('off');
  stage = 'dualwrite';
  await until('following');
});

test('stopped while the service owns it: off copies anew, so that the data can come back', async () => {
  engine.capture = undefined;
  engine.hasToComeBack = true;
  stage = 'rampdown';
  await until('following');
  engine.streamState = 'stopped';
  await until('stopped');
  engine.streamState = 'following';
  engine.calls.length = 0;
  stage = 'off';
  await until('following');
  expect(engine.calls.filter((call) => /^(startCapture|anew)/.test(call))).toEqual([
    'startCapture monolith',
    'startCapture service',
    'anew from monolith',
    'anew from service',
  ]);
  engine.hasToComeBack = false;
  await until('off');
});

test('another one leads: it stands by, and takes over', async () => {
  leads = false;
  stage = 'dualwrite';
  await until('standby');
  expect(engine.calls.filter((call) => call.startsWith('stream'))).toEqual([]);
  leads = true;
  await until('following');
});

test('the lock is lost: everything is closed and begun again', async () => {
  stage = 'dualwrite';
  await until('following');
  const before = engine.calls.length;
  lost.abort(new Error('gone'));
  lost = new AbortController();
  await until('following', () => engine.calls.slice(before).includes('sample'));
  expect(engine.calls.slice(before)).toEqual(
    expect.arrayContaining(['stopped monolith', 'stopped service', 'stream monolith']),
  );
});
