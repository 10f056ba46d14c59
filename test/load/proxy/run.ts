import type { BenchCase } from './cases.ts';
import { startLoadSide, type LoadSide } from './load-side.ts';
import type { SlicePlan, SliceResult } from './load/slice.ts';
import { coresFor } from './cores.ts';
import type { CaseResult, Row } from './results.ts';
import { startSubject, type RunningSubject } from './subjects/start.ts';
import type { Subject } from './subjects/subject.ts';

export interface RunOptions {
  readonly subjects: readonly Subject[];
  readonly cases: readonly BenchCase[];
  readonly profiles?: string | undefined;
  /** Told what goes on. */
  readonly tell: (what: string) => void;
}

/** A fresh process has to be compiled while it runs before its figures mean anything. */
const firstWarmUpMs = 1_000;
const warmUpMs = 200;
/** A fixed rate asks less of a proxy, and compiles it more slowly. */
const longerAtRate = 2;

/** Runs the cases one after the other, each with fresh processes, so that one case's memory is not another's. */
export async function runCases(options: RunOptions): Promise<CaseResult[]> {
  const load = await startLoadSide(coresFor()?.load);
  try {
    const results: CaseResult[] = [];
    for (const [index, bench] of options.cases.entries()) {
      const where = `case ${index + 1} of ${options.cases.length}, ${bench.name}`;
      results.push(await runCase(bench, { ...options, load, where }));
    }
    return results;
  } finally {
    await load.close();
  }
}

interface CaseOptions extends RunOptions {
  readonly load: LoadSide;
  readonly where: string;
}

async function runCase(bench: BenchCase, options: CaseOptions): Promise<CaseResult> {
  const { load, tell, where, profiles } = options;
  const wanted = options.subjects.filter(({ name }) => bench.only?.includes(name) ?? true);
  tell(`${where}: starting ${wanted.length} proxies`);
  const core = coresFor()?.proxy;
  const started = await Promise.allSettled(
    wanted.map((subject) => startSubject(subject, { upstreamPort: load.upstreamPort, core, profiles })),
  );
  const running = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  try {
    const rounds = await runRounds(bench, { load, running, tell: (what) => tell(`${where}: ${what}`) });
    const rows = wanted.map((subject, index): Row => {
      const start = started[index];
      return start?.status === 'fulfilled'
        ? rowOf(subject, rounds.get(subject.name) ?? [])
        : { ...identity(subject), rounds: [], disqualified: String(start?.reason.message) };
    });
    return { bench, rows };
  } finally {
    await Promise.all(running.map((subject) => subject.stop()));
  }
}

/** A B C, A B C: what the machine does meanwhile falls on all alike. */
async function runRounds(
  bench: BenchCase,
  options: {
    readonly load: LoadSide;
    readonly running: readonly RunningSubject[];
    readonly tell: (what: string) => void;
  },
): Promise<Map<string, SliceResult[]>> {
  const { load, running, tell } = options;
  const rounds = new Map(running.map(({ subject }) => [subject.name, [] as SliceResult[]]));
  tell('warming up');
  for (const { port, pids } of running) {
    const longer = bench.rate === undefined ? 1 : longerAtRate;
    await load.run({ ...planOf(bench), port, pids, warmUpMs: 0, measureMs: firstWarmUpMs * longer });
  }
  for (let round = 1; round <= bench.rounds; round += 1) {
    tell(`round ${round} of ${bench.rounds}`);
    for (const { subject, port, pids } of running) {
      rounds.get(subject.name)?.push(await load.run({ ...planOf(bench), port, pids }));
    }
  }
  return rounds;
}

function planOf(bench: BenchCase): Omit<SlicePlan, 'port' | 'pids'> {
  const { method, bodyBytes, connections, keepAlive, rate, measureMs } = bench;
  const plan = { method, bodyBytes, connections, keepAlive, warmUpMs, measureMs };
  return rate === undefined ? plan : { ...plan, rate };
}

function rowOf(subject: Subject, rounds: readonly SliceResult[]): Row {
  const [trouble] = rounds.flatMap(({ troubles }) => troubles);
  const silent = rounds.some(({ requests }) => requests === 0) ? 'no request was answered' : undefined;
  return { ...identity(subject), rounds, disqualified: trouble ?? silent };
}

function identity({ name, kind }: Subject): Pick<Row, 'name' | 'kind'> {
  return { name, kind };
}
