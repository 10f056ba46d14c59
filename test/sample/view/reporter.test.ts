import { expect, test } from '@jest/globals';
import type { Summary } from '#sample/summary.ts';
import { createReporter, type Reporter } from '#sample/view/reporter.ts';
import { model } from './model.ts';

interface Stand {
  readonly reporter: Reporter;
  readonly written: () => string;
}

function stand(tty: boolean, options: { json?: boolean; env?: Record<string, string> } = {}): Stand {
  let written = '';
  const out = { isTTY: tty, columns: 80, rows: 24, write: (text: string) => void (written += text) };
  const { json = false, env = {} } = options;
  return { reporter: createReporter({ out, json, env }), written: () => written };
}

const { ownership } = model;
if (ownership === undefined) throw new Error('the model has an owner');

const summary: Summary = {
  seconds: 100,
  ramp: 'complete',
  users: model.users,
  reads: model.reads,
  shadow: model.shadow,
  lastStep: { monolith: 2, service: 40, underWay: 2 },
  copy: model.copy,
  ownership: { ...ownership, owned: { monolith: 0, service: 1, moving: 0 } },
  moves: [],
  release: model.release,
  restarts: 0,
  dataFolder: '/repo/.data',
};

test('on a terminal the view opens once, is drawn over, and the terminal is given back', () => {
  const before = process.listenerCount('exit');
  const { reporter, written } = stand(true);
  reporter.tell({ event: 'starting', what: 'proxy' });
  expect(written()).toMatch(/^00:00:00 starting proxy\n$/);
  reporter.show(model);
  reporter.show(model);
  reporter.tell({ event: 'ramp-complete' });
  reporter.leave();
  reporter.leave();
  const text = written();
  expect(text.split('\u001B[?1049h')).toHaveLength(2);
  expect(text.split('\u001B[?1049l')).toHaveLength(2);
  // A line of the full width keeps its last character: nothing is cleared behind it.
  expect(text).not.toContain('\u001B[K');
  // Never cleared as a whole, which would flicker.
  expect(text).not.toContain('\u001B[2J');
  expect(text.endsWith('\u001B[?7h\u001B[?25h\u001B[?1049l')).toBe(true);
  // Told into the view, not across it.
  expect(text).not.toContain('\nramp complete');
  expect(process.listenerCount('exit')).toBe(before);
  reporter.tell({ event: 'stopping', what: 'proxy' });
  expect(written()).toMatch(/stopping proxy\n$/);
});

test.each([
  ['NO_COLOR', { NO_COLOR: '1' }],
  ['no colour set', { NO_COLOR: '' }],
])('colours obey %s', (_name, env) => {
  const { reporter, written } = stand(true, { env });
  reporter.show(model);
  reporter.leave();
  expect(written().includes('\u001B[1m')).toBe(env.NO_COLOR === '');
});

test.each([
  ['a pipe', false, {}],
  ['a dumb terminal', true, { TERM: 'dumb' }],
])('%s gets plain lines', (_name, tty, env) => {
  const { reporter, written } = stand(tty, { env });
  reporter.tell({
    event: 'process-crashed',
    name: 'proxy',
    detail: 'proxy was ended by SIGKILL',
    restartInMs: 100,
  });
  reporter.show(model);
  reporter.show(model);
  reporter.summarise(summary);
  expect(written()).not.toContain('\u001B');
  expect(written()).toContain('proxy was ended by SIGKILL; it starts again in 100 ms\n');
  // At most one status line in five seconds.
  expect(written().split('shadow 25 % | user reads')).toHaveLength(2);
  expect(written()).toContain('everything held');
});

test('with --json every line is one object with time and event', () => {
  const { reporter, written } = stand(true, { json: true });
  reporter.tell({ event: 'holding', reason: 'two\nlines' });
  reporter.show(model);
  reporter.leave();
  reporter.summarise(summary);
  const lines = written()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map((line) => line['event'])).toEqual(['holding', 'status', 'summary']);
  for (const line of lines) expect(line['time']).toEqual(expect.stringMatching(/^\d{4}-.*Z$/));
  expect(lines[2]).toMatchObject({ success: true, ramp: 'complete', users: { failed: 0 } });
});

test.each<[string, Partial<Summary>, RegExp]>([
  [
    'failed requests',
    { users: { ...summary.users, failed: 1, failures: ['session 1: no'] } as never },
    /user requests failed[\s\S]*session 1: no/,
  ],
  ['a rollback', { ramp: 'rolled-back' }, /rolled back/],
  ['an early end', { ramp: 'not-finished' }, /ended before the ramp was through/],
  [
    'a last step at which the monolith still answered',
    { lastStep: { monolith: 3, service: 40, underWay: 2 } },
    /at the last step the monolith still answered 3 user reads, the service 40/,
  ],
  [
    'a last step without a read',
    { lastStep: { monolith: 0, service: 0, underWay: 9 } },
    /at the last step the service answered no user read/,
  ],
  [
    'differing answers',
    {
      shadow: {
        eligible: 10,
        compared: 9,
        different: 4,
        differences: ['item-read $.a', 'item-read $.b', 'x $.c'],
      },
    },
    /the two sides answer differently[\s\S]*9 pairs \(90 %\), 4 differ: item-read \$\.a, item-read \$\.b, x \$\.c\n/,
  ],
  [
    'data that did not move',
    { ownership: { ...ownership, owned: { monolith: 1, service: 0, moving: 0 } } },
    /at the end the service did not own the users[\s\S]*owner +monolith, held 0, redirected 0\n/,
  ],
  [
    'a move that is held up',
    {
      ownership: {
        ...ownership,
        owned: { monolith: 3, service: 250, moving: 3 },
        problem: 'a batch job holds it',
        held: 2,
        heldMs: 40,
        waited: 9,
        stale: 1,
        unanswered: 5,
      },
    },
    /did not own[\s\S]*owner +monolith 3 \+ service 250 \+ moving 3, held 2 \(20\.0 ms\), redirected 0, without an owner 5, waited 9 \(1 in vain\), held up: a batch job holds it\n/,
  ],
  ['a last step that was never seen', { lastStep: undefined }, /answered no user read/],
  ['no traffic', { users: undefined }, /everything held[\s\S]*none of our own/],
])('the summary of %s says so', (_name, change, words) => {
  const { reporter, written } = stand(false);
  reporter.summarise({ ...summary, ...change });
  expect(written()).toMatch(words);
});

test('the summary of a completed migration says what was done, what it cost, and what is left', () => {
  const { reporter, written } = stand(false);
  reporter.summarise({
    ...summary,
    release: {
      monolith: 'new',
      foreignKeys: 0,
      verifiedRows: 19_192,
      complete: true,
      done: [
        { step: 'new-release', tookMs: 900, longestMs: 31 },
        { step: 'foreign-keys', tookMs: 20, longestMs: undefined },
        { step: 'verified', tookMs: 900, longestMs: 31 },
        { step: 'complete', tookMs: 900, longestMs: 44 },
      ],
    },
  });
  expect(written()).toContain(
    `  release    new release started (longest request 31.0 ms), foreign keys dropped
  complete   19,192 rows verified equal, then the way back given up (longest request 44.0 ms)
  data       /repo/.data (kept to look at; the next start makes it anew)
  left       the monolith's old tables,`,
  );
});

test('the line of a pipe tells what is in force, not what the ramp wants', () => {
  const { reporter, written } = stand(false);
  reporter.show({
    ...model,
    inForce: { stage: 'live', killed: true, shares: { least: 5, most: 40, exceptions: false } },
  });
  expect(written()).toContain(' live 0 % (kill switch on) | user reads');
});
