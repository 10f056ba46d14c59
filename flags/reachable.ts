/**
 * Flag data as far as rollouts are concerned. Everything may be missing: data from LaunchDarkly's service is not
 * validated, and a check must not fall over what it looks for.
 */
export interface RolloutHolder {
  readonly prerequisites?: readonly { readonly key?: string }[] | null | undefined;
  readonly fallthrough?: { readonly rollout?: RolloutShape | null | undefined } | null | undefined;
  readonly rules?: readonly RuleShape[] | null | undefined;
}

export interface RolloutShape {
  readonly kind?: string | null | undefined;
  readonly contextKind?: string | null | undefined;
  readonly bucketBy?: string | null | undefined;
}

interface RuleShape {
  readonly clauses?: readonly ClauseShape[] | null | undefined;
  readonly rollout?: RolloutShape | null | undefined;
}

interface ClauseShape {
  readonly op?: string | undefined;
  readonly values?: readonly unknown[] | undefined;
}

export interface SegmentShape {
  readonly rules?:
    | readonly {
        readonly clauses?: readonly ClauseShape[] | null | undefined;
        readonly weight?: number | null | undefined;
        readonly bucketBy?: string | null | undefined;
        readonly rolloutContextKind?: string | null | undefined;
      }[]
    | null
    | undefined;
}

export interface FlagLookup {
  readonly flag: (key: string) => RolloutHolder | undefined;
  readonly segment: (key: string) => SegmentShape | undefined;
}

/** What an answer passes through: a flag, or a segment that one of its clauses asks. */
export type Passed =
  | { readonly kind: 'flag'; readonly key: string; readonly flag: RolloutHolder }
  | { readonly kind: 'segment'; readonly key: string; readonly segment: SegmentShape };

/** A flag, then all that its answer can pass through: prerequisites and segments, each once. */
export function reachable<Lookup extends FlagLookup>(data: Lookup, flagKey: string): PassedIn<Lookup>[] {
  const passed: Passed[] = [];
  const seen = new Set<string>();

  const visitFlag = (key: string): void => {
    const flag = seen.has(`flag ${key}`) ? undefined : data.flag(key);
    if (flag === undefined) return;
    seen.add(`flag ${key}`);
    passed.push({ kind: 'flag', key, flag });
    for (const rule of flag.rules ?? []) visitClauses(rule.clauses);
    for (const { key: other } of flag.prerequisites ?? []) if (other !== undefined) visitFlag(other);
  };

  const visitClauses = (clauses: readonly ClauseShape[] | null | undefined): void => {
    for (const { op, values } of clauses ?? []) {
      if (op === 'segmentMatch') for (const segment of values ?? []) visitSegment(String(segment));
    }
  };

  const visitSegment = (key: string): void => {
    const segment = seen.has(`segment ${key}`) ? undefined : data.segment(key);
    if (segment === undefined) return;
    seen.add(`segment ${key}`);
    passed.push({ kind: 'segment', key, segment });
    for (const rule of segment.rules ?? []) visitClauses(rule.clauses);
  };

  visitFlag(flagKey);
  return passed as PassedIn<Lookup>[];
}

/** With the types of the items that the look-up gives. */
type PassedIn<Lookup extends FlagLookup> =
  | {
      readonly kind: 'flag';
      readonly key: string;
      readonly flag: NonNullable<ReturnType<Lookup['flag']>>;
    }
  | {
      readonly kind: 'segment';
      readonly key: string;
      readonly segment: NonNullable<ReturnType<Lookup['segment']>>;
    };
