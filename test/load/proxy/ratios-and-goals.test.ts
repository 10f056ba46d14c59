import { expect, test } from '@jest/globals';
import { goalCase, rateCase } from './cases.ts';
import { goalLine, goalsOf } from './goals.ts';
import type { SliceResult } from './load/slice.ts';
import { cellsOf } from './report/cells.ts';
import { aligned } from './report/text.ts';
import {
  bestNodePeer,
  cpuPerRequest,
  figuresOf,
  median,
  othersShare,
  ratio,
  type CaseResult,
  type Row,
} from './results.ts';
import type { Kind } from './subjects/subject.ts';

function round(cpu: number, p99 = 1_000): SliceResult {
  return {
    requests: 1_000,
    elapsedMs: 500,
    cpuUs: cpu * 1_000,
    loadCpuUs: 0,
    othersCpuUs: 50_000,
    latency: { p50: 500, p99, p999: 2_000 },
    peakMemory: 2 ** 20,
    troubles: [],
  };
}

function row(name: string, kind: Kind, rounds: readonly SliceResult[], disqualified?: string): Row {
  return { name, kind, rounds, disqualified };
}

const banyan = row('Banyan', 'banyan', [round(30), round(60), round(33)]);
const nginx = row('nginx', 'native', [round(20), round(40), round(20)]);
const httpProxy = row('http-proxy', 'node', [round(200), round(400), round(210)]);
const httpxy = row('httpxy', 'node', [round(50), round(100), round(60)]);
const liar = row('fast-proxy', 'node', [round(1)], 'got "HTTP/1.1 502 Bad Gateway"');
const main: CaseResult = { bench: goalCase, rows: [banyan, nginx, httpProxy, httpxy, liar] };

test('a median of an even number lies between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test('figures are medians over the rounds', () => {
  expect(figuresOf(banyan)).toMatchObject({ cpuPerRequest: 33, requestsPerSecond: 2_000, p99: 1_000 });
  expect(figuresOf(banyan).busy).toBeCloseTo(0.066);
});

test('what other programs took is told as a share of a core', () => {
  expect(othersShare([main])).toBeCloseTo(0.1);
});

test('a ratio compares within each round, so one spoilt round does no harm', () => {
  expect(ratio(banyan, nginx, cpuPerRequest)).toBeCloseTo(1.5);
  expect(ratio(banyan, undefined, cpuPerRequest)).toBeUndefined();
  expect(ratio(liar, nginx, cpuPerRequest)).toBeUndefined();
});

test('who erred is never the best', () => {
  expect(bestNodePeer(main)?.name).toBe('httpxy');
});

test('goals are told as met, missed or not measured', () => {
  const rated: CaseResult = {
    bench: rateCase,
    rows: [row('Banyan', 'banyan', [round(1, 2_100)]), row('nginx', 'native', [round(1, 1_000)])],
  };
  expect(goalsOf([main, rated]).map(goalLine)).toEqual([
    'goal: CPU a request at most 1.8 × nginx: had 1.50 (met)',
    'goal: CPU a request at most 0.5 × Envoy: had not measured',
    'goal: CPU a request at most 0.2 × http-proxy: had 0.15 (met)',
    'goal: CPU a request of every Node peer at least 2 × ours (best: httpxy): had 1.67 (missed)',
    'goal: no case where a Node peer takes less CPU a request: had none (met)',
    'goal: p99 at 15000 requests/s at most 2 × nginx: had 2.10 (missed)',
  ]);
});

test('a latency that a busy machine made is not judged', () => {
  const busy = { ...round(1, 900), othersCpuUs: 400_000 };
  const rows = [row('Banyan', 'banyan', [busy]), row('nginx', 'native', [busy])];
  expect(goalsOf([main, { bench: rateCase, rows }]).map(goalLine)).toContain(
    'goal: p99 at 15000 requests/s at most 2 × nginx: had 1.00, not judged, since other programs took 80 % of a core',
  );
});

test('a case in which a Node peer is ahead, or we erred, is named', () => {
  const other = { ...goalCase, name: 'other' };
  const worst = goalsOf([
    main,
    { bench: other, rows: [banyan, row('httpxy', 'node', [round(15), round(30), round(16)])] },
    { bench: { ...goalCase, name: 'third' }, rows: [{ ...banyan, disqualified: 'got reset' }] },
  ]).find(({ text }) => text.startsWith('no case'));
  expect(worst).toMatchObject({ had: 'httpxy 0.50 × at other; Banyan erred at third', met: false });
});

test('the table stands in columns, and says why one is out', () => {
  const lines = aligned(cellsOf(main)).trimEnd().split('\n');
  expect(new Set(lines.slice(0, 5).map((line) => line.length)).size).toBe(1);
  expect(lines[1]).toMatch(/^ {2}Banyan +33\.0 +1\.50 +0\.15 +0\.60 +2000 +7 % /);
  expect(lines[5]).toBe('  fast-proxy  out (got "HTTP/1.1 502 Bad Gateway")');
});
