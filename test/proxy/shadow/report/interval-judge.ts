import { rateOf } from '#proxy/shadow/report/interval.ts';
import type { Judge } from '#proxy/shadow/report/report.types.ts';

/** Fewer noise samples than this say nothing of what the primary does by itself. */
const fewestNoiseSamples = 30;

/**
 * A verdict by two intervals alone: a difference where the sides differ more often than the primary from itself, beyond
 * both 95 % intervals; noise where they overlap and the primary was seen to differ from itself; undecided else.
 */
export const intervalJudge: Judge = (findings, { compared, noiseSamples }) =>
  findings.map((finding) => {
    const { pairs, selfDiffered } = finding;
    const isMore = rateOf(pairs, compared).low > rateOf(selfDiffered, noiseSamples).high;
    const otherwise = selfDiffered > 0 ? 'noise' : 'undecided';
    const told = isMore ? 'difference' : otherwise;
    return { finding, verdict: noiseSamples < fewestNoiseSamples ? 'undecided' : told };
  });
