import type { BenchCase } from './cases.ts';
import { coresFor } from './cores.ts';
import { startLoadSide, type LoadProgram, type LoadSide } from './load-side.ts';
import type { SlicePlan, SliceResult } from './load/slice.ts';
import { othersOf, type CaseResult, type Row } from './results.ts';
import { keepRunning, type KeptProxy } from './subjects/keep-running.ts';
import type { Subject } from './subjects/subject.ts';

export interface RunOptions {
  readonly subjects: readonly Subject[];
  readonly cases: readonly BenchCase[];
  readonly profiles?: string | undefined;
  readonly load?: LoadProgram;
  /** Told what goes on. */
  readonly tell: (what: string) => void;
}

/** What runs on Node is compiled while it runs: until then its figures mean nothing. */
const firstWarmUp = { maxRequests: 20_000, measureMs: 4_000 };
const caseWarmUp = { maxRequests: 5_000, measureMs: 1_500 };
const roundWarmUpMs = 200;
/** Times that a slice is measured at most where a case wants quiet. */
const triesForQuiet = 6;

/** Runs the cases one after the other, on proxies that are started once. */
export async function runCases(options: RunOptions): Promise<CaseResult[]> {
  const cores = coresFor();
  const load = await startLoadSide(cores?.load, options.load);
  const { upstreamPort } = load;
  const proxies = options.subjects.map((subject) =>
    keepRunning(subject, { upstreamPort, core: cores?.proxy, profiles: options.profiles }),
  );
  try {
    const results: CaseResult[] = [];
    for (const [index, bench] of options.cases.entries()) {
      const where = `case ${index + 1} of ${options.cases.length}, ${bench.name}`;
      results.push(
        await runCase(bench, { proxies, load, tell: (what) => options.tell(`${where}: ${what}`) }),
      );
    }
    return results;
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await load.close();
  }
}

interface CaseOptions {
  readonly proxies: readonly KeptProxy[];
  readonly load: LoadSide;
  readonly tell: (what: string) => void;
}

/** A B C, A B C: what the machine does meanwhile falls on all alike. */
async function runCase(bench: BenchCase, { proxies, load, tell }: CaseOptions): Promise<CaseResult> {
  const wanted = proxies.filter(({ subject }) => bench.only?.includes(subject.name) ?? true);
  tell(`${wanted.length} proxies`);
  await Promise.all(wanted.map((proxy) => proxy.start()));
  const rounds = new Map(wanted.map((proxy) => [proxy, [] as SliceResult[]]));
  for (const proxy of wanted) {
    const warmUp = proxy.warm ? caseWarmUp : firstWarmUp;
    await proxy.run(load, { ...planOf(bench), warmUpMs: 0, ...warmUp });
  }
  for (let round = 1; round <= bench.rounds; round += 1) {
    tell(`round ${round} of ${bench.rounds}`);
    for (const proxy of wanted) {
      const result = await quietest(bench, () => proxy.run(load, planOf(bench)));
      if (result !== undefined) rounds.get(proxy)?.push(result);
    }
  }
  return { bench, rows: wanted.map((proxy) => rowOf(proxy, rounds.get(proxy) ?? [])) };
}

/** The first slice that was quiet enough, or the quietest of a few. */
async function quietest(
  { quiet = Infinity }: BenchCase,
  measure: () => Promise<SliceResult | undefined>,
): Promise<SliceResult | undefined> {
  let best = await measure();
  for (let tries = 1; tries < triesForQuiet; tries += 1) {
    if (best === undefined || othersOf(best) <= quiet) return best;
    const next = await measure();
    if (next !== undefined && othersOf(next) < othersOf(best)) best = next;
  }
  return best;
}

function planOf(bench: BenchCase): Omit<SlicePlan, 'port' | 'pids'> {
  const { method, bodyBytes, connections, keepAlive, rate, measureMs } = bench;
  const plan = { method, bodyBytes, connections, keepAlive, warmUpMs: roundWarmUpMs, measureMs };
  return rate === undefined ? plan : { ...plan, rate };
}

function rowOf({ subject, trouble }: KeptProxy, rounds: readonly SliceResult[]): Row {
  const [wrong] = rounds.flatMap(({ troubles }) => troubles);
  const silent = rounds.some(({ requests }) => requests === 0) ? 'no request was answered' : undefined;
  return { name: subject.name, kind: subject.kind, rounds, disqualified: wrong ?? trouble ?? silent };
}
