import { expect, test } from '@jest/globals';
import { exchangeLog } from '#proxy/control/exchange-log.ts';
import type { ExchangeReport } from '#proxy/http/seam.ts';
import { headOf } from '#test/support/request-head.ts';

function logged(
  which: 'none' | 'failed' | 'all',
  reports: readonly Partial<ExchangeReport>[],
  now = () => 0,
): [string, Record<string, unknown>][] {
  const lines: [string, Record<string, unknown>][] = [];
  const levels = ['debug', 'info', 'warn'].map((level) => [
    level,
    (line: Record<string, unknown>) => lines.push([level, line]),
  ]);
  const log = exchangeLog(which, { ...Object.fromEntries(levels), isLevelEnabled: () => true }, now);
  for (const report of reports) {
    log({
      head: headOf({ target: '/items/1?token=secret', headers: { authorization: 'Bearer secret' } }),
      decision: { upstream: 'new', route: 'read', reason: 'share' },
      status: 200,
      failure: undefined,
      durationMs: 1,
      requestBytes: 0,
      responseBytes: 0,
      ...report,
    });
  }
  return lines;
}

const failed = { status: 502, failure: 'upstream-closed' } as const;
const aborted = { status: 499, failure: 'client-aborted' } as const;

test('what is logged follows the setting; the level follows whose fault it was', () => {
  expect(logged('none', [failed])).toEqual([]);
  expect(logged('failed', [{}, failed, aborted]).map(([level]) => level)).toEqual(['warn', 'debug']);
  expect(logged('all', [{}, { status: 500 }]).map(([level]) => level)).toEqual(['info', 'warn']);
});

test('no line holds the query or a header', () => {
  const [[, line]] = logged('all', [{}]) as [[string, Record<string, unknown>]];
  expect(line).toMatchObject({ path: '/items/1', route: 'read', target: 'new', status: 200 });
  expect(JSON.stringify(line)).not.toContain('secret');
});

test('beyond a hundred lines a second the rest is only counted', () => {
  let now = 0;
  const burst = Array.from({ length: 150 }, () => failed);
  const lines = logged('failed', burst, () => now++);
  expect(lines).toHaveLength(100);
  now = 0;
  const later = logged('failed', [...burst, failed], () => (now++ < 150 ? 0 : 1_000));
  expect(later.map(([, line]) => line['dropped']).filter(Boolean)).toEqual([50]);
});

test('a flood of what clients do wrong leaves room for the failures of an upstream', () => {
  const flood = Array.from({ length: 500 }, () => aborted);
  expect(logged('failed', [...flood, failed]).filter(([level]) => level === 'warn')).toHaveLength(1);
});
