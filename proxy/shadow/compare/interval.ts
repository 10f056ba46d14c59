/**
 * Wilson's interval for a rate: right also for rare events and small numbers, and never below 0 or above 1.
 * @param seen events among `of` trials
 * @param z quantile of the normal distribution; default 1.96, for 95 %
 */
export function rateInterval(
  { seen, of }: { readonly seen: number; readonly of: number },
  z = 1.959_964,
): { readonly rate: number; readonly low: number; readonly high: number } {
  if (of <= 0) return { rate: 0, low: 0, high: 1 };
  const rate = Math.min(1, seen / of);
  const spread = (z * z) / of;
  const middle = (rate + spread / 2) / (1 + spread);
  const half = (z * Math.sqrt((rate * (1 - rate) + spread / 4) / of)) / (1 + spread);
  return { rate, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
