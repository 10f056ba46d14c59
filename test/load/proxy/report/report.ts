import type { Goal } from '../goals.ts';
import type { Machine } from '../machine.ts';
import { othersShare, type CaseResult } from '../results.ts';

export interface Report {
  readonly machine: Machine;
  readonly pinned: boolean;
  readonly results: readonly CaseResult[];
  readonly goals: readonly Goal[];
  readonly subjects: readonly {
    readonly name: string;
    readonly version: string | undefined;
    readonly note: string;
    readonly howToGet: string;
  }[];
}

/** Part of a core that other programs may take before it is told. */
const quietBelow = 0.05;

/** What a reader has to know beside the figures. */
export function notesOf({ pinned, subjects, results }: Report): string[] {
  const others = othersShare(results);
  const there = subjects.filter(({ version }) => version !== undefined);
  const missing = subjects.filter(({ version }) => version === undefined);
  return [
    'Medians over interleaved rounds; CPU is user and system time of all threads and processes of the proxy. A ratio compares ' +
      'CPU a request within each round. Every answer was checked byte for byte; who erred is out of that case.',
    '"core" is the part of one core that the proxy used: well under 100 % means that the load side was the limit, so that ' +
      'requests/s and latency say little and CPU a request says all.',
    pinned
      ? 'Proxy on one core, clients and upstream together on another.'
      : 'Not pinned to cores (taskset, or a second core, is missing): take the figures with care.',
    ...(others > quietBelow
      ? [`Not a quiet machine: other programs took ${Math.round(others * 100)} % of a core (median).`]
      : []),
    ...there.map(({ name, version, note }) => `${[name, version].filter(Boolean).join(' ')}: ${note}.`),
    ...missing.map(({ name, howToGet }) => `${name} is not installed; to get it: ${howToGet}`),
  ];
}
