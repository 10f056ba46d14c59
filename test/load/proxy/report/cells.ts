import {
  bestNodePeer,
  cpuPerRequest,
  figuresOf,
  p99,
  ratio,
  rowOf,
  type CaseResult,
  type Row,
} from '../results.ts';

export const columns = [
  'proxy',
  'CPU µs/request',
  '× nginx',
  '× http-proxy',
  '× best Node peer',
  'requests/s',
  'core',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'peak MiB',
] as const;

const rateColumns = [
  'proxy',
  'p99 × nginx',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'requests/s',
  'CPU µs/request',
  'core',
  'peak MiB',
] as const;

/** A case as rows of text, the head first. Both the terminal's and the README's table are made of it. */
export function cellsOf(result: CaseResult): readonly (readonly string[])[] {
  return result.bench.rate === undefined
    ? [columns, ...result.rows.map((row) => cells(row, result))]
    : [rateColumns, ...result.rows.map((row) => rateCells(row, result))];
}

function cells(row: Row, result: CaseResult): string[] {
  if (row.disqualified !== undefined) return out(row, columns.length);
  const figures = figuresOf(row);
  const own = row.kind !== 'none';
  const against = (base: Row | undefined): string => times(ratio(row, base, cpuPerRequest));
  return [
    row.name,
    own ? figures.cpuPerRequest.toFixed(figures.cpuPerRequest < 1_000 ? 1 : 0) : '-',
    against(rowOf(result, 'nginx')),
    against(rowOf(result, 'http-proxy')),
    against(bestNodePeer(result)),
    figures.requestsPerSecond.toFixed(0),
    own ? percent(figures.busy) : '-',
    ...latencies(row),
    own ? mebibytes(figures.peakMemory) : '-',
  ];
}

function rateCells(row: Row, result: CaseResult): string[] {
  if (row.disqualified !== undefined) return out(row, rateColumns.length);
  const figures = figuresOf(row);
  const own = row.kind !== 'none';
  return [
    row.name,
    times(ratio(row, rowOf(result, 'nginx'), p99)),
    ...latencies(row),
    figures.requestsPerSecond.toFixed(0),
    own ? figures.cpuPerRequest.toFixed(1) : '-',
    own ? percent(figures.busy) : '-',
    own ? mebibytes(figures.peakMemory) : '-',
  ];
}

function out({ name, disqualified }: Row, width: number): string[] {
  return [name, 'out', ...Array.from({ length: width - 3 }, () => ''), `(${disqualified})`];
}

function latencies(row: Row): string[] {
  const { p50, p99, p999 } = figuresOf(row);
  return [p50, p99, p999].map((microseconds) => (microseconds / 1_000).toFixed(2));
}

const times = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
