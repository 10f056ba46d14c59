import type { Difference } from './difference.ts';
import { evidenceClass } from './difference.ts';
import type { Evidence } from '../delta.types.ts';

/** What one second answer says of one place; `unclear` where places differ in a way that singles out nobody. */
export type Outcome = keyof Evidence | 'unclear';

/** A place and a class of difference: what evidence is collected for. */
export function evidenceKey(difference: Difference): string {
  return `${difference.place} ${evidenceClass(difference.kind)} ${difference.path}`;
}

export function evidenceKeys(differences: Iterable<Difference>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const difference of differences) keys.add(evidenceKey(difference));
  return keys;
}

/**
 * Who is singled out at a place where primary and shadow differ. It treats the two alike: with their answers swapped, so is
 * what it says. The whole statistics rests on that.
 * @param self places where the primary's two answers differ
 * @param cross places where the shadow's answer and the primary's second differ
 */
export function outcomeOf(
  key: string,
  { self, cross }: { readonly self: ReadonlySet<string>; readonly cross: ReadonlySet<string> },
): Outcome {
  const [selfDiffers, crossDiffers] = [self.has(key), cross.has(key)];
  if (selfDiffers && crossDiffers) return 'allDiffer';
  if (selfDiffers) return 'primaryAlone';
  return crossDiffers ? 'shadowAlone' : 'unclear';
}
