import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { InForceModel } from '#sample/in-force.ts';
import type { LiveModel } from '#sample/live-model.ts';
import { columnsOf } from '#sample/view/line.ts';
import { renderScreen } from '#sample/view/screen.ts';
import { model } from './model.ts';

const size = { columns: 80, rows: 24, color: false };
const text = (...args: Parameters<typeof renderScreen>): string => renderScreen(...args).join('\n');

test('the screen shows stage, share by side, rates, latencies, flags, processes and what to try', () => {
  expect(text(model, ['12:00:01 step 7 of 10'], size)).toMatchInlineSnapshot(`
" Banyan  the users domain leaves the monolith   00:01:23   Ctrl-C ends it
 Stage      shadow     step 7 of 10, 4 s to the next   ramping
 Share      █████████░░░░░░░░░░░░░░░░░░░░░░░░░░░ 25 % (measured 25 %)

 User reads                    now       total       p50       p99
            monolith          30/s      12,345    4.2 ms   23.4 ms  ▇▇▇▇▇▇▇▇▇▇
            user-service     9.9/s         678   0.42 ms   23.4 ms  ▇▇▇
 Compared   12,990 pairs (99.92 %), none differs
 Requests   100/s   ok 15,000   refused as expected 211   failed 0
 Latency    p50 4.2 ms   p99 23.4 ms   in flight 3
 Flags      in force as the file has them
 Copy       following, lag 12.0 ms, verified: equal, 20,000 rows
 Owner      monolith   held 0   redirected 0
 Monolith   old, reads the users' tables   foreign keys 5   way back open
 Processes  monolith 101 · user-service 102 (restarted 2×) · proxy 103

  · 12:00:01 step 7 of 10

 Try        curl -s http://127.0.0.1:8080/auth/login \\
              -H content-type:application/json \\
              -d '{"email":"user17@example.com","password":"banyan-sample"}'
            curl -s http://127.0.0.1:8080/users/17 -H 'authorization: Bearer …'
            export BANYAN_ENV_FILE=/repo/.data/banyan.env
 Data       /repo/.data   (flags.json, banyan.yaml, logs)"
`);
});

test('whatever happens, it fits the terminal', () => {
  const anything = fc.string({ unit: 'grapheme', maxLength: 300 });
  fc.assert(
    fc.property(
      fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) }),
      fc.array(anything, { maxLength: 20 }),
      anything,
      fc.integer({ min: 0, max: 100 }),
      (dimensions, notes, error, share) => {
        const now = {
          ...model,
          ramp: { ...model.ramp, share, phase: 'holding' as const, reason: error },
          flags: { state: 'stale' as const, lastError: error, firstProblem: error },
        };
        const lines = renderScreen(now, notes, { ...dimensions, color: false });
        expect(lines.length).toBeLessThanOrEqual(dimensions.rows);
        for (const line of lines) {
          expect(columnsOf(line)).toBeLessThanOrEqual(dimensions.columns);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      },
    ),
  );
});

test('without colour there is no escape sequence, with colour every one is closed', () => {
  expect(text(model, [], size)).not.toContain('\u001B');
  for (const line of renderScreen(model, [], { ...size, color: true })) {
    const opened = line.split('\u001B[').length - 1;
    expect(line.split('\u001B[0m').length - 1).toBe(opened / 2);
  }
});

test('what is wrong stands out in words', () => {
  const wrong = {
    ...model,
    ramp: {
      ...model.ramp,
      phase: 'rolled-back' as const,
      share: 0,
      reason: '2 user requests failed at 25 %',
    },
    users: model.users === undefined ? undefined : { ...model.users, failed: 2, unsent: 7 },
    flags: { state: 'stale' as const, lastError: 'two\nlines', firstProblem: 'must be JSON' },
    processes: [{ name: 'user-service', pid: undefined, restarts: 3 }],
  };
  const shown = text(wrong, [], { ...size, columns: 120 });
  for (const words of [
    'rolled back: 2 user requests failed at 25 %',
    'failed 2',
    'not sent 7',
    'the last good ones are in force: must be JSON',
    'user-service restarting (restarted 3×)',
  ])
    expect(shown).toContain(words);
  expect(shown).not.toContain('kill -9');
  expect(text({ ...model, flags: undefined }, [], size)).toContain('the proxy does not answer');
});

const sharing = (share: number): LiveModel => ({
  ...model,
  ramp: { ...model.ramp, share },
  inForce: { stage: 'shadow', killed: false, shares: { least: share, most: share, exceptions: false } },
});

test('a share above 0 shows at least one cell of the service, below 100 at least one of the monolith', () => {
  const bar = (share: number): string =>
    renderScreen(sharing(share), [], size).find((line) => line.includes('Share')) ?? '';
  expect(bar(0)).not.toContain('█');
  expect(bar(1)).toMatch(/ █░/);
  expect(bar(99.9)).toMatch(/█░ /);
  expect(bar(100)).not.toContain('░');
});

// Regression: the screen showed what the ramp wanted, whatever somebody had set beside it.
describe('what is in force is shown, whoever has set it', () => {
  const shares = { least: 25, most: 25, exceptions: false };
  const shown = (inForce: Partial<InForceModel>, moving = false): string =>
    text(
      {
        ...model,
        ramp: { ...model.ramp, moving },
        inForce: { stage: 'shadow', killed: false, shares, ...inForce },
      },
      [],
      size,
    );

  test.each<[string, Partial<InForceModel>, RegExp]>([
    [
      'a kill switch',
      { killed: true },
      /░ 0 % \(measured 25 %\)\n +kill switch on; not as the ramp has it: shadow, 25 %/,
    ],
    [
      'a share that was set by hand',
      { shares: { ...shares, least: 25, most: 100 } },
      / 25 % to 100 % .*\n +not as the ramp has it: shadow, 25 %/,
    ],
    [
      'targets and rules',
      { shares: { ...shares, exceptions: true } },
      / 25 % .*\n +targets or rules come first/,
    ],
    [
      'another stage',
      { stage: 'live' },
      /Stage +live .*\n.*█ 100 % .*\n +not as the ramp has it: shadow, 25 %/,
    ],
    ['a stage without reads for the service', { stage: 'dualwrite' }, /Stage +dualwrite .*\n.*░ 0 %/],
    [
      'a kill switch at complete',
      { stage: 'complete', killed: true },
      / 100 % .*\n +kill switch on, without effect/,
    ],
  ])('%s', (_name, inForce, words) => {
    expect(shown(inForce)).toMatch(words);
  });

  test('while the ramp writes its next step nothing counts as set by hand', () => {
    const moved = shown({ stage: 'live' }, true);
    expect(moved).toContain('live');
    expect(moved).not.toMatch(/by hand|as the ramp/);
  });
});

// Regression: what was wrong with the flags was cut at the edge, and with it the remedy.
test('what is wrong is told to its end, in as many rows as it takes', () => {
  const problem =
    'flags.users-read-account.fallthrough.rollout.variations: must have weights that sum to 100000, and not the half of it';
  const flags = { state: 'stale' as const, lastError: 'x', firstProblem: problem };
  const lines = renderScreen(
    { ...model, flags },
    ['12:00:01 the flag file cannot be used: ' + problem],
    size,
  );
  const words = lines.join(' ').replaceAll(/ +/g, ' ');
  expect(words).toContain(problem);
  expect(words).toContain(`12:00:01 the flag file cannot be used: ${problem}`);
  expect(lines.length).toBeLessThanOrEqual(size.rows);
  expect(lines.at(-1)).toContain('Data');
});

const move = (to: 'monolith' | 'service', max: number): LiveModel['moves'][number] => ({
  group: 'users',
  to,
  pause: { count: 1, p50: max, p99: max, max },
  tookMs: 80,
  at: '2026-11-01T12:00:00.000Z',
  moved: 1,
  unmoved: 0,
});

test('from the first move on the pauses of the last ones are shown, and how far the monolith is away from the users', () => {
  const shown = text(
    {
      ...model,
      moves: [move('service', 1), move('service', 28), move('monolith', 32.1), move('service', 9)],
      release: { ...model.release, monolith: 'new', foreignKeys: 0 },
    },
    [],
    size,
  );
  expect(shown).toContain(' Paused     moving to: service 28.0 ms, monolith 32.1 ms, service 9.0 ms\n');
  expect(shown).toContain(' Monolith   new, asks the proxy   foreign keys none   way back open\n');
  const complete = { ...model.release, monolith: 'new', foreignKeys: 0, complete: true } as const;
  expect(text({ ...model, release: complete }, [], size)).toContain('way back none: complete\n');
});

test('while it copies: dataset, bar, rate and time left, in 80 columns', () => {
  const copying: LiveModel = {
    ...model,
    copy: {
      ...(model.copy as NonNullable<LiveModel['copy']>),
      phase: 'copying',
      progress: [
        {
          dataset: 'preferences',
          rows: 1_234_567,
          estimated: 2_000_000,
          rowsPerSecond: 44_214.4,
          etaMs: 17_300,
          brake: undefined,
          parked: 0,
        },
      ],
      lagMs: 250,
      verification: { state: 'none' },
    },
  };
  expect(text(copying, [], size)).toContain(
    ' Copy       copying preferences ██████░░░░ 61 %, 44,214 rows/s, 18 s left, lag 250 ms\n'.slice(0, 79),
  );
});
