import type { Pair } from '../pair.types.ts';
import type { AnalysisBounds } from './analysis-options.ts';
import { collector } from './collector.ts';
import { compareAnswers, readAnswer, type ReadAnswer } from './compare-answers.ts';
import type { Difference } from './difference.ts';
import { evidenceKeys } from './evidence-of.ts';
import type { HeaderChoice } from './header-choice.ts';
import { idMap, type IdMap } from './id-map.ts';
import type { RuleSet } from './rules.ts';
import { isSameNow } from './same-now.ts';
import { sameSideIds, type IdComparer } from './walk.ts';

/** The answers of one pair against each other. */
export interface ComparedPair {
  readonly isDecodable: boolean;
  readonly differences: readonly Difference[];
  /** Whether there were more than the bound. */
  readonly isCut: boolean;
  /** With a second answer of the primary: where it differs from its first, and where it and the shadow's differ. */
  readonly again:
    | {
        readonly self: readonly Difference[];
        readonly selfKeys: ReadonlySet<string>;
        readonly crossKeys: ReadonlySet<string>;
      }
    | undefined;
}

/** Compares pairs of one migration, whose mapped ids it learns. */
export function pairComparer(
  headers: HeaderChoice,
  bounds: AnalysisBounds,
): (pair: Pair, rules: RuleSet) => ComparedPair {
  const spaces = new Map<string, IdMap>();
  const spaceOf = (name: string): IdMap => {
    const space = spaces.get(name) ?? idMap(bounds.maxIds);
    spaces.set(name, space);
    return space;
  };
  const fromMonolith: IdComparer = {
    same: (space, primary, shadow) => spaceOf(space).same(primary, shadow),
    translate: (space, primary) => spaceOf(space).toShadow(primary, 'service'),
  };
  const fromService: IdComparer = {
    same: (space, primary, shadow) => spaceOf(space).same(shadow, primary),
    translate: (space, primary) => spaceOf(space).toShadow(primary, 'monolith'),
  };

  return (pair, rules) => {
    const across = pair.primarySide === 'monolith' ? fromMonolith : fromService;
    const compare = (one: ReadAnswer, other: ReadAnswer, ids: IdComparer) => {
      const into = collector(bounds.maxGroupsPerPair, (a, b) =>
        isSameNow([a, b], { at: pair.at, clockMs: bounds.clockMs }),
      );
      const compared = compareAnswers(one, other, { rules, headers, ids, into, maxSteps: bounds.maxSteps });
      return {
        isDecodable: compared === 'compared',
        differences: [...into.differences.values()],
        isCut: into.isCut,
      };
    };

    const [primary, shadow] = [readAnswer(pair.primary, bounds), readAnswer(pair.shadow, bounds)];
    const first = compare(primary, shadow, across);
    if (pair.again === undefined) return { ...first, again: undefined };
    const again = readAnswer(pair.again, bounds);
    const self = compare(primary, again, sameSideIds).differences;
    const cross = first.differences.length === 0 ? [] : compare(again, shadow, across).differences;
    return { ...first, again: { self, selfKeys: evidenceKeys(self), crossKeys: evidenceKeys(cross) } };
  };
}
