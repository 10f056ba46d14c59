import type { DifferenceKind, Evidence, FindingSample, Place } from '../delta.types.ts';
import { evidenceClass, type Difference } from './difference.ts';
import { evidenceKey, type Outcome } from './evidence-of.ts';
import { addEvidence } from './judge.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Path of the groups that take what is over the bound. */
export const otherPaths = 'other paths';

const noEvidence: Evidence = { shadowAlone: 0, primaryAlone: 0, allDiffer: 0 };

/** One group of differences, as far as this process has seen it. */
export interface Group {
  readonly place: Place;
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly expected: string | undefined;
  /** Since the last delta. */
  pairs: number;
  selfDiffered: number;
  evidence: Evidence;
  samples: FindingSample[];
  /** Since the last delta, for the reservoir: how many could have become a sample. */
  candidates: number;
  firstSeen: number;
  lastSeen: number;
}

/** What is known of one place and class since the process began. */
interface Known {
  readonly rank: number;
  evidence: Evidence;
  verdict: Verdict;
  /** Pairs in which it differed. */
  pairs: number;
}

/** The groups of one route and primary side; bounded. */
export interface Groups {
  /** The group of a difference; one of `other paths` where there are too many. */
  of(difference: Difference): Group;
  /** What is known of the place of a difference, all kinds of its class together, since the process began. */
  known(difference: Difference): { readonly verdict: Verdict; readonly pairs: number };
  /** Counts a pair with this difference. */
  saw(difference: Difference): void;
  learn(difference: Difference, outcome: Outcome): void;
  /** Groups with something new; what is yielded counts as told. */
  takeChanged(): Iterable<Group>;
  readonly size: number;
}

export function groups({ most, alpha }: { readonly most: number; readonly alpha: number }): Groups {
  const byKey = new Map<string, Group>();
  const known = new Map<string, Known>();
  // Apart from the others, so that they are there when the bound is reached. As many as places times kinds.
  const overflow = new Map<string, Group>();

  const knownOf = (difference: Difference): Known => {
    const key = evidenceKey(difference);
    let found = known.get(key);
    if (found !== undefined) return found;
    const isOver = known.size >= most;
    const plain = isOver
      ? `${difference.place} ${evidenceClass(difference.kind)} ${otherPaths}`
      : copied(key);
    found = known.get(plain);
    if (found === undefined) {
      found = { rank: known.size + 1, evidence: noEvidence, verdict: 'undecided', pairs: 0 };
      known.set(plain, found);
    }
    return found;
  };

  return {
    get size() {
      return byKey.size + overflow.size + known.size;
    },
    of(difference) {
      const { place, kind, expected } = difference;
      const key = `${place} ${kind} ${expected ?? ''} ${difference.path}`;
      const found = byKey.get(key);
      if (found !== undefined) return found;
      if (byKey.size < most) {
        const group = newGroup({ place, kind, expected, path: copied(difference.path) });
        byKey.set(copied(key), group);
        return group;
      }
      const rest =
        overflow.get(`${place} ${kind}`) ?? newGroup({ place, kind, expected: undefined, path: otherPaths });
      overflow.set(`${place} ${kind}`, rest);
      return rest;
    },
    known: knownOf,
    saw(difference) {
      knownOf(difference).pairs += 1;
    },
    learn(difference, outcome) {
      if (outcome === 'unclear') return;
      const entry = knownOf(difference);
      // What is found stays found: the test may stop where it likes, and sums that went on could fall back by chance.
      if (entry.verdict === 'difference') return;
      const more = { ...noEvidence, [outcome]: 1 };
      entry.evidence = addEvidence(entry.evidence, more);
      entry.verdict = verdictOf(entry.evidence, { rank: entry.rank, alpha });
      const group = this.of(difference);
      group.evidence = addEvidence(group.evidence, more);
    },
    *takeChanged() {
      for (const group of [...byKey.values(), ...overflow.values()]) {
        // Where the primary differed from itself alone, there is nothing to tell until the shadow differs there, too.
        if (group.firstSeen === 0) continue;
        if (group.pairs === 0 && group.selfDiffered === 0 && group.evidence === noEvidence) continue;
        yield group;
        Object.assign(group, { pairs: 0, selfDiffered: 0, evidence: noEvidence, samples: [], candidates: 0 });
      }
    },
  };
}

function newGroup(of: Pick<Group, 'place' | 'kind' | 'expected' | 'path'>): Group {
  return {
    ...of,
    pairs: 0,
    selfDiffered: 0,
    evidence: noEvidence,
    samples: [],
    candidates: 0,
    firstSeen: 0,
    lastSeen: 0,
  };
}

/** A name may be a slice that would keep a whole body alive. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
