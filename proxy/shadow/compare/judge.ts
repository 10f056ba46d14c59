import type { DifferenceKind, Evidence, Place } from '../delta.types.ts';
import { evidenceClass } from './difference.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** What a finding has to have to be judged; sums of deltas do. */
export interface Judged {
  readonly place: Place;
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly evidence: Evidence;
  /** Milliseconds since 1970. */
  readonly firstSeen: number;
}

/**
 * Verdicts for the findings of one route and primary side, summed over processes and time. All of them have to be given, as
 * each path's share of the false-alarm chance goes by its rank among them.
 * @param alpha chance of ever a false alarm on this route
 */
export function judge<T extends Judged>(
  findings: readonly T[],
  alpha?: number,
): readonly { readonly finding: T; readonly verdict: Verdict }[] {
  const sums = new Map<string, { firstSeen: number; evidence: Evidence }>();
  for (const { place, path, kind, evidence, firstSeen } of findings) {
    const key = `${place} ${evidenceClass(kind)} ${path}`;
    const sum = sums.get(key);
    sums.set(
      key,
      sum === undefined
        ? { firstSeen, evidence }
        : { firstSeen: Math.min(sum.firstSeen, firstSeen), evidence: addEvidence(sum.evidence, evidence) },
    );
  }
  const byAge = [...sums].toSorted(([a, one], [b, other]) =>
    one.firstSeen === other.firstSeen ? (a < b ? -1 : 1) : one.firstSeen - other.firstSeen,
  );
  const verdicts = new Map(
    byAge.map(([key, { evidence }], index) => [
      key,
      verdictOf(evidence, { rank: index + 1, ...(alpha === undefined ? {} : { alpha }) }),
    ]),
  );
  return findings.map((finding) => ({
    finding,
    verdict: verdicts.get(`${finding.place} ${evidenceClass(finding.kind)} ${finding.path}`) ?? 'undecided',
  }));
}

export function addEvidence(a: Evidence, b: Evidence): Evidence {
  return {
    shadowAlone: a.shadowAlone + b.shadowAlone,
    primaryAlone: a.primaryAlone + b.primaryAlone,
    allDiffer: a.allDiffer + b.allDiffer,
  };
}
