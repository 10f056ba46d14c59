import type { Goal } from '../goals.ts';
import type { Machine } from '../machine.ts';
import type { CaseResult } from '../results.ts';

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

/** What a reader has to know beside the figures. */
export function notesOf({ machine, pinned, subjects }: Report): string[] {
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
    ...(machine.loadBefore > 0.5
      ? [`The machine was busy when it began (load ${machine.loadBefore.toFixed(1)}).`]
      : []),
    ...there.map(({ name, version, note }) => `${[name, version].filter(Boolean).join(' ')}: ${note}.`),
    ...missing.map(({ name, howToGet }) => `${name} is not installed; to get it: ${howToGet}`),
  ];
}
