import type { Rate } from './report.types.ts';

/** Standard normal quantile for 95 %, both sides. */
const z = 1.959_963_984_540_054;

/**
 * A rate with its 95 % interval after Wilson (1927), which holds for rare events and few trials, where the usual ±2σ does
 * not: 0 of 100 gives 0 to 3.7 %, not 0 to 0.
 */
export function rateOf(count: number, of: number): Rate {
  if (of <= 0) return { rate: undefined, low: 0, high: 1 };
  const part = Math.min(1, Math.max(0, count / of));
  const spread = z * Math.sqrt((part * (1 - part)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  const middle = part + (z * z) / (2 * of);
  return {
    rate: part,
    low: part === 0 ? 0 : Math.max(0, (middle - spread) / scale),
    high: part === 1 ? 1 : Math.min(1, (middle + spread) / scale),
  };
}
