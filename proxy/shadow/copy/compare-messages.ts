import type { ShadowDelta } from '../delta.types.ts';
import type { PackedPairs } from './packed-pairs.ts';
import type { SameCounts } from './route-counts.ts';

/** From the main thread to the comparing one. */
export type ToComparing =
  | { readonly kind: 'pairs'; readonly pairs: PackedPairs }
  | { readonly kind: 'flush'; readonly same: readonly SameCounts[] };

/** And back: verdicts come in the sequence in which the pairs went. */
export type FromComparing =
  /** Which of the last pairs differ, by their place; the others are counted. */
  | { readonly kind: 'verdicts'; readonly different: readonly number[] }
  | { readonly kind: 'delta'; readonly delta: ShadowDelta };
