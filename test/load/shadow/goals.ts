import type { BenchCase } from '../proxy/cases.ts';
import type { Goal } from '../proxy/goals.ts';
import { cpuPerRequest, othersShare, p99, ratio, rowOf, type CaseResult } from '../proxy/results.ts';
import { faults } from './faulty-target.ts';
import { faultName, names } from './subjects.ts';

const shape = { method: 'GET', connections: 64, keepAlive: true } as const;
const compared = Object.values(names);

/** Part of a core that other programs may take before a latency says nothing of the proxy. */
const quietEnough = 0.1;

export const smallCase: BenchCase = {
  ...shape,
  name: 'JSON of 190 bytes',
  bodyBytes: 190,
  rounds: 4,
  measureMs: 1_500,
  only: compared,
};
export const largeCase: BenchCase = { ...smallCase, name: 'JSON of 16 KiB', bodyBytes: 16_384 };
export const faultCase: BenchCase = {
  ...shape,
  name: 'a shadow target that fails, 2000 requests/s',
  bodyBytes: 190,
  rate: 2_000,
  rounds: 9,
  quiet: quietEnough,
  measureMs: 2_000,
  only: [names.off, names.on, ...faults.map(faultName)],
};

export function shadowGoals(results: readonly CaseResult[]): Goal[] {
  const of = (bench: BenchCase): CaseResult | undefined =>
    results.find((result) => result.bench.name === bench.name);
  const cpu = (bench: BenchCase, most: number): Goal => {
    const result = of(bench);
    const had = result && ratio(rowOf(result, names.on), rowOf(result, names.nginxMirror), cpuPerRequest);
    return atMost(`${bench.name}: CPU a request at most ${most} × nginx mirror`, had, most);
  };
  const faulty = of(faultCase);
  const waits = faults.map((fault) => {
    const had = faulty && ratio(rowOf(faulty, faultName(fault)), rowOf(faulty, names.off), p99);
    const goal = atMost(`shadow ${fault}: p99 at most 1.1 × without copies`, had, 1.1);
    const others = faulty === undefined ? 0 : othersShare([faulty]);
    if (had === undefined || others <= quietEnough) return goal;
    const why = `not judged, since other programs took ${Math.round(others * 100)} % of a core`;
    return { ...goal, had: `${goal.had}, ${why}`, met: undefined };
  });
  return [cpu(smallCase, 0.7), cpu(largeCase, 1), ...waits];
}

function atMost(text: string, had: number | undefined, limit: number): Goal {
  return had === undefined
    ? { text, had: 'not measured', met: undefined }
    : { text, had: had.toFixed(2), met: had <= limit };
}
