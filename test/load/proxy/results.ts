import type { BenchCase } from './cases.ts';
import type { SliceResult } from './load/slice.ts';
import type { Kind } from './subjects/subject.ts';

/** One proxy in one case. */
export interface Row {
  readonly name: string;
  readonly kind: Kind;
  /** Of each round, in order. */
  readonly rounds: readonly SliceResult[];
  /** Why it is out, where it erred. */
  readonly disqualified: string | undefined;
}

export interface CaseResult {
  readonly bench: BenchCase;
  readonly rows: readonly Row[];
}

/** Medians over the rounds. */
export interface Figures {
  readonly requestsPerSecond: number;
  /** Microseconds. */
  readonly cpuPerRequest: number;
  /** Part of the core that the proxy had; well under 1 means that the load side was the limit. */
  readonly busy: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Bytes; the most of all rounds. */
  readonly peakMemory: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const cpuPerRequest = ({ cpuUs, requests }: SliceResult): number => cpuUs / requests;
export const p99 = ({ latency }: SliceResult): number => latency.p99;

export function figuresOf({ rounds }: Row): Figures {
  const of = (figure: (round: SliceResult) => number): number => median(rounds.map(figure));
  return {
    requestsPerSecond: of(({ requests, elapsedMs }) => (requests / elapsedMs) * 1_000),
    cpuPerRequest: of(cpuPerRequest),
    busy: of(({ cpuUs, elapsedMs }) => cpuUs / 1_000 / elapsedMs),
    p50: of(({ latency }) => latency.p50),
    p99: of(p99),
    p999: of(({ latency }) => latency.p999),
    peakMemory: Math.max(...rounds.map(({ peakMemory }) => peakMemory)),
  };
}

/**
 * How many times as much `row` takes as `base`: the median over the rounds, each compared within itself, since a round
 * that the machine spoilt spoilt it for both. `undefined` where either is missing, out, or was not measured.
 */
export function ratio(
  row: Row | undefined,
  base: Row | undefined,
  figure: (round: SliceResult) => number,
): number | undefined {
  if (row === undefined || base === undefined) return undefined;
  if (row.disqualified !== undefined || base.disqualified !== undefined) return undefined;
  const ratios = row.rounds.flatMap((round, index) => {
    const other = base.rounds[index];
    const value = other === undefined ? Number.NaN : figure(round) / figure(other);
    return Number.isFinite(value) && value > 0 ? [value] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** Part of one core that other programs took meanwhile, as the median over all rounds. */
export function othersShare(results: readonly CaseResult[]): number {
  const rounds = results.flatMap(({ rows }) => rows).flatMap((row) => row.rounds);
  return median(rounds.map(othersOf));
}

/** Part of one core that other programs took in a slice. */
export function othersOf({ othersCpuUs, elapsedMs }: SliceResult): number {
  return othersCpuUs / 1_000 / elapsedMs;
}

export function rowOf({ rows }: CaseResult, name: string): Row | undefined {
  return rows.find((row) => row.name === name);
}

/** The Node peer that takes the least CPU for a request. */
export function bestNodePeer({ rows }: CaseResult): Row | undefined {
  return rows
    .filter(({ kind, disqualified }) => kind === 'node' && disqualified === undefined)
    .toSorted((a, b) => figuresOf(a).cpuPerRequest - figuresOf(b).cpuPerRequest)[0];
}
