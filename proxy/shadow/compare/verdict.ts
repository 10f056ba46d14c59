import type { Evidence } from '../delta.types.ts';

export type Verdict = 'difference' | 'noise' | 'undecided';

export interface VerdictOptions {
  /** Chance, for one route and all time, that any of its noisy paths is ever called a difference. Default 1e-4. */
  readonly alpha?: number;
  /** Place of the path among those of its route, by when it was first seen; from 1. */
  readonly rank: number;
}

export const defaultAlpha = 1e-4;
/** Chance that a path of which at least half the differences are real is ever called noise while they are. */
const beta = 0.01;

/** Parts of the fair-coin outcomes that fall on the shadow, as alternatives to one half. */
const biased = [0.55, 0.65, 0.75, 0.9, 0.99] as const;
/** If half the differences are real and the rest are noise, three in four single out the shadow. */
const halfReal = 0.75;
const mostlyNoise = [0.02, 0.25, 0.5] as const;

/**
 * What the evidence says, valid at every look (docs/architecture/shadow-noise.md has the rule, its proof and its measured
 * rates). Under noise the primary's and the shadow's answers can be swapped, so of the pairs that single out one of the two
 * each falls on either with one half, however rare or wild the noise is. Both tests below are likelihood ratios against
 * a mixture, so by Ville's inequality they pass their threshold with no more than their chance, ever.
 */
export function verdictOf(evidence: Evidence, { alpha = defaultAlpha, rank }: VerdictOptions): Verdict {
  const { shadowAlone, primaryAlone, allDiffer } = evidence;
  // The sum of alpha / (k (k + 1)) over all ranks is alpha.
  const share = alpha / (rank * (rank + 1));
  if (logRatio(biased, 0.5, [shadowAlone, primaryAlone]) >= -Math.log(share)) return 'difference';
  const noise = logRatio(mostlyNoise, halfReal, [shadowAlone, primaryAlone + allDiffer]);
  return noise >= -Math.log(beta) ? 'noise' : 'undecided';
}

/** Logarithm of the mean, over the alternatives, of how much likelier the outcomes are than under `nothing`. */
function logRatio(
  alternatives: readonly number[],
  nothing: number,
  [heads, tails]: readonly [number, number],
): number {
  let largest = -Infinity;
  const logs = alternatives.map((chance) => {
    const log = heads * Math.log(chance / nothing) + tails * Math.log((1 - chance) / (1 - nothing));
    largest = Math.max(largest, log);
    return log;
  });
  const sum = logs.reduce((total, log) => total + Math.exp(log - largest), 0);
  return largest + Math.log(sum / alternatives.length);
}
