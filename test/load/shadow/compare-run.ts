import { shadowAnalysis, type AnalysisOptions } from '#proxy/shadow/analysis.ts';
import { addEvidence, judge } from '#proxy/shadow/compare/judge.ts';
import type { Verdict } from '#proxy/shadow/compare/verdict.ts';
import type { FindingDelta } from '#proxy/shadow/delta.types.ts';
import { noisyTraffic, type Planted } from './noisy-traffic.ts';
import { seeded } from './random.ts';

export interface RunResult {
  readonly pairs: number;
  /** Second answers that were asked for after a difference, and those that were sampled. */
  readonly asked: number;
  readonly sampled: number;
  readonly verdicts: ReadonlyMap<string, PathResult>;
  /** Microseconds of CPU for each pair, the making of the traffic included. */
  readonly cpuMicroseconds: number;
}

export interface PathResult {
  readonly verdict: Verdict;
  readonly pairs: number;
  readonly selfDiffered: number;
  /** Pairs after which its verdict first was `difference`; `undefined` where it never was at a look. */
  readonly foundAfter: number | undefined;
}

const options: AnalysisOptions = {
  migrations: { m: { compareHeaders: ['*'], rules: [] } },
  redact: { paths: [], headers: [], detectors: [] },
};

/** Sends traffic through the whole analysis, looking at all verdicts after each `lookEvery` pairs, as a report may. */
export function compareRun(run: {
  readonly seed: number;
  readonly pairs: number;
  readonly planted: Planted;
  readonly lookEvery: number;
  readonly clockMs?: number;
}): RunResult {
  const random = seeded(run.seed);
  const traffic = noisyTraffic(random, run.planted);
  const bounds = run.clockMs === undefined ? {} : { clockMs: run.clockMs };
  const analysis = shadowAnalysis({ ...options, bounds }, { now: 0, random });
  const sums = new Map<string, FindingDelta>();
  const found = new Map<string, number>();
  let [asked, sampled] = [0, 0];
  const start = process.cpuUsage();
  for (let index = 1; index <= run.pairs; index += 1) {
    const pair = traffic.pair(index);
    if (pair.again !== undefined) sampled += 1;
    analysis.take(pair);
    if (analysis.wantsAgain()) {
      asked += 1;
      analysis.take({ ...pair, again: traffic.again(pair, 1_500), againWhy: 'differed' });
    }
    if (index % run.lookEvery !== 0 && index !== run.pairs) continue;
    for (const finding of analysis.flush(index).findings) add(sums, finding);
    for (const { finding, verdict } of judge([...sums.values()])) {
      const key = keyOf(finding);
      if (verdict === 'difference' && !found.has(key)) found.set(key, index);
    }
  }
  const { user, system } = process.cpuUsage(start);
  const verdicts = judge([...sums.values()]).map(({ finding, verdict }) => {
    const { pairs, selfDiffered } = finding;
    return [keyOf(finding), { verdict, pairs, selfDiffered, foundAfter: found.get(keyOf(finding)) }] as const;
  });
  return {
    pairs: run.pairs,
    asked,
    sampled,
    verdicts: new Map(verdicts),
    cpuMicroseconds: (user + system) / run.pairs,
  };
}

function keyOf({ place, path, kind }: FindingDelta): string {
  return `${place} ${path} ${kind}`;
}

function add(sums: Map<string, FindingDelta>, finding: FindingDelta): void {
  const sum = sums.get(keyOf(finding));
  sums.set(
    keyOf(finding),
    sum === undefined
      ? finding
      : {
          ...finding,
          firstSeen: sum.firstSeen,
          pairs: sum.pairs + finding.pairs,
          selfDiffered: sum.selfDiffered + finding.selfDiffered,
          evidence: addEvidence(sum.evidence, finding.evidence),
        },
  );
}
