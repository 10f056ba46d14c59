import { verdictOf } from '#proxy/shadow/compare/verdict.ts';
import { seeded } from './random.ts';

export interface CoinRates {
  /** Part of the runs in which the verdict was `difference` at any look. */
  readonly found: number;
  /** Part in which it was `noise` at the end. */
  readonly noise: number;
  /** Median of the second answers it took to find; `undefined` where fewer than half did. */
  readonly median: number | undefined;
}

/** The rule alone, looked at after each of `answers` second answers, over many paths. */
export function coinRates(run: {
  readonly seed: number;
  readonly paths: number;
  readonly answers: number;
  /** Part of the differences that are real; the others are noise in which each of two is singled out with one half. */
  readonly real: number;
  readonly alpha: number;
}): CoinRates {
  const random = seeded(run.seed);
  const foundAt: number[] = [];
  let noise = 0;
  for (let path = 0; path < run.paths; path += 1) {
    let [shadowAlone, primaryAlone] = [0, 0];
    let first: number | undefined;
    for (let answer = 1; answer <= run.answers && first === undefined; answer += 1) {
      if (random() < run.real || random() < 0.5) shadowAlone += 1;
      else primaryAlone += 1;
      const verdict = verdictOf({ shadowAlone, primaryAlone, allDiffer: 0 }, { rank: 1, alpha: run.alpha });
      if (verdict === 'difference') first = answer;
      else if (answer === run.answers && verdict === 'noise') noise += 1;
    }
    if (first !== undefined) foundAt.push(first);
  }
  const sorted = foundAt.toSorted((a, b) => a - b);
  return {
    found: foundAt.length / run.paths,
    noise: noise / run.paths,
    median: sorted.length * 2 > run.paths ? sorted[Math.floor(run.paths / 2)] : undefined,
  };
}
