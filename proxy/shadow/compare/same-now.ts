import type { Shown } from './difference.ts';
import { instantOf } from './instants.ts';
import { timeOf } from './walk.ts';

/**
 * Whether two values are the clocks of two machines, read for the same request. Statistics can't tell that from a difference
 * where clocks tick slowly and one runs behind: a date in seconds then differs in a part of the pairs, and the primary, asked
 * again at once, agrees with itself.
 * @param at milliseconds since 1970 of the exchange
 * @param clockMs how far the two may be apart; each may be twice as far from `at`
 */
export function isSameNow(
  [primary, shadow]: readonly [Shown, Shown],
  { at, clockMs }: { readonly at: number; readonly clockMs: number },
): boolean {
  if (clockMs === 0) return false;
  const [one, other] = [timeShown(primary), timeShown(shadow)];
  if (one === undefined || other === undefined || Math.abs(one - other) > clockMs) return false;
  return Math.abs(one - at) <= 2 * clockMs && Math.abs(other - at) <= 2 * clockMs;
}

function timeShown(shown: Shown): number | undefined {
  if (shown === undefined) return undefined;
  return 'text' in shown ? instantOf(shown.text) : timeOf(shown.json);
}
