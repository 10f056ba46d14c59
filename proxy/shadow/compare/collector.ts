import type { DifferenceKind, Place } from '../delta.types.ts';
import type { Difference, Shown } from './difference.ts';
import type { Rule } from './rules.ts';

/** The differences of one pair: each group once, and no more groups than its bound. */
export interface Collector {
  readonly differences: ReadonlyMap<string, Difference>;
  /** Whether differences were left out because there were too many groups. */
  readonly isCut: boolean;
  add(found: Found): void;
  /** How many there are; with `backTo` those found since are taken back. */
  mark(): number;
  backTo(mark: number): void;
}

export interface Found {
  readonly place: Place;
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly steps?: readonly (string | number)[];
  readonly primary: Shown;
  readonly shadow: Shown;
  /** Rules that lie over the place and ignore or expect what differs there. */
  readonly covering: readonly Rule[];
}

/**
 * @param most groups in one pair
 * @param isNoDifference looks at each value that differs a last time
 */
export function collector(
  most: number,
  isNoDifference?: (primary: Shown, shadow: Shown) => boolean,
): Collector {
  const differences = new Map<string, Difference>();
  let isCut = false;
  return {
    differences,
    get isCut() {
      return isCut;
    },
    add({ place, path, kind, steps = [], primary, shadow, covering }) {
      if (kind === 'value' && isNoDifference?.(primary, shadow) === true) return;
      let expected: string | undefined;
      for (const { effect, label } of covering) {
        if (effect.does !== 'ignore' && effect.does !== 'expect') continue;
        if (effect.kinds !== undefined && !effect.kinds.includes(kind)) continue;
        if (effect.does === 'ignore') return;
        expected ??= label;
      }
      const key = `${place} ${kind} ${path}`;
      const before = differences.get(key);
      // What is expected in one element may be unexpected in the next; the unexpected one counts.
      if (before !== undefined && (before.expected === undefined || expected !== undefined)) return;
      if (before === undefined && differences.size >= most) {
        isCut = true;
        return;
      }
      differences.set(key, { place, path, kind, steps: [...steps], primary, shadow, expected });
    },
    mark: () => differences.size,
    backTo(mark) {
      if (differences.size === mark) return;
      for (const key of [...differences.keys()].slice(mark)) differences.delete(key);
    },
  };
}
