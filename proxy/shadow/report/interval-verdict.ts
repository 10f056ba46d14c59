import { rateOf } from './interval.ts';
import type { GroupVerdict } from './report.types.ts';

/** Fewer noise samples than this say nothing of what the primary does by itself. */
const fewestNoiseSamples = 30;

/**
 * A verdict by two intervals alone: a difference where the sides differ more often than the primary from itself, beyond
 * both 95 % intervals; noise where they overlap and the primary was seen to differ from itself; undecided else.
 */
export const intervalVerdict: GroupVerdict = ({ pairs, differed, noiseSamples, selfDiffered }) => {
  if (noiseSamples < fewestNoiseSamples) return 'undecided';
  if (rateOf(differed, pairs).low > rateOf(selfDiffered, noiseSamples).high) return 'difference';
  return selfDiffered > 0 ? 'noise' : 'undecided';
};
