import type { ShadowDelta } from '../delta.types.ts';
import type { PackedPairs } from './packed-pairs.ts';

/** From the main thread to the comparing one. */
export type ToComparing =
  | { readonly kind: 'pairs'; readonly pairs: PackedPairs }
  | { readonly kind: 'flush' };

/** What is asked for pairs, by their place in the message; the others are done with. */
export interface Wishes {
  /** Both sides anew after the lag: a write was near, and they differ. */
  readonly recheck: readonly number[];
  /** The primary once more. */
  readonly again: readonly number[];
}

/** And back: wishes come in the sequence in which the pairs went. */
export type FromComparing =
  | ({ readonly kind: 'wishes' } & Wishes)
  | { readonly kind: 'delta'; readonly delta: ShadowDelta };
