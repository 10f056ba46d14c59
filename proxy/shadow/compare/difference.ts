import type { DifferenceKind, Place } from '../delta.types.ts';
import type { JsonValue } from './json-value.types.ts';

/** A value as a difference shows it: JSON, or the text of a header, of a line, of a digest. */
export type Shown = { readonly json: JsonValue } | { readonly text: string } | undefined;

/** One difference between two answers. Of all that fall into one group, a pair gives the first. */
export interface Difference {
  readonly place: Place;
  /** `status`, the header's name, or the path with indexes and ids generalised. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** The path as it was walked; empty outside of JSON. */
  readonly steps: readonly (string | number)[];
  readonly primary: Shown;
  readonly shadow: Shown;
  /** Owner and reason of the rule that expects it. */
  readonly expected: string | undefined;
}

/** Missing and extra are one class: which of the two it is depends on which answer was called first. */
export type EvidenceClass = Exclude<DifferenceKind, 'missing' | 'extra'> | 'presence';

export function evidenceClass(kind: DifferenceKind): EvidenceClass {
  return kind === 'missing' || kind === 'extra' ? 'presence' : kind;
}
