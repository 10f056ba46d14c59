import type { Path } from './problems.ts';

/**
 * Flag data as far as rollouts are concerned. Everything may be missing: data from LaunchDarkly's service is not
 * validated, and a check must not fall over what it looks for.
 */
export interface RolloutHolder {
  readonly prerequisites?: readonly { readonly key?: string }[] | null | undefined;
  readonly fallthrough?: { readonly rollout?: RolloutShape | null | undefined } | null | undefined;
  readonly rules?: readonly RuleShape[] | null | undefined;
}

interface RolloutShape {
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

export interface WrongRollout {
  readonly path: Path;
  readonly value: unknown;
  readonly message: string;
}

/**
 * Finds every rollout that a flag's answer can pass through and that does not hash the key of a `contextKind` context.
 * LaunchDarkly's evaluator takes bucket 0 for it (`Bucketer.bucket`), silently: everyone gets the first variation, so a
 * share of 1 % would move all traffic. Follows prerequisites and segments.
 */
export function wrongRollouts(data: FlagLookup, flagKey: string, contextKind: string): WrongRollout[] {
  const found: WrongRollout[] = [];
  const seen = new Set<string>();

  const visitFlag = (key: string): void => {
    const at = ['flags', key];
    const flag = seen.has(`flag ${key}`) ? undefined : data.flag(key);
    if (flag === undefined) return;
    seen.add(`flag ${key}`);
    visitRollout(flag.fallthrough?.rollout, [...at, 'fallthrough', 'rollout']);
    for (const [index, rule] of (flag.rules ?? []).entries()) {
      visitRollout(rule.rollout, [...at, 'rules', index, 'rollout']);
      visitClauses(rule.clauses);
    }
    for (const { key } of flag.prerequisites ?? []) if (key !== undefined) visitFlag(key);
  };

  const visitRollout = (rollout: RolloutShape | null | undefined, at: Path): void => {
    if (rollout === undefined || rollout === null) return;
    // An experiment is always hashed by the key, whatever bucketBy says.
    const bucketBy = rollout.kind === 'experiment' ? undefined : rollout.bucketBy;
    judge({ kind: rollout.contextKind, kindField: 'contextKind', bucketBy, at });
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
    for (const [index, rule] of (segment.rules ?? []).entries()) {
      if (typeof rule.weight === 'number') {
        const at = ['segments', key, 'rules', index];
        judge({
          kind: rule.rolloutContextKind,
          kindField: 'rolloutContextKind',
          bucketBy: rule.bucketBy,
          at,
        });
      }
      visitClauses(rule.clauses);
    }
  };

  const judge = (rollout: {
    readonly kind: string | null | undefined;
    readonly kindField: string;
    readonly bucketBy: string | null | undefined;
    readonly at: Path;
  }): void => {
    const { kind, kindField, bucketBy, at } = rollout;
    if (kind !== contextKind) {
      const why =
        kind === undefined || kind === null
          ? 'LaunchDarkly takes "user" where there is none, and'
          : 'requests have no such context:';
      found.push({
        path: [...at, kindField],
        value: kind,
        message: `must be "${contextKind}": ${why} LaunchDarkly would give everyone the first variation`,
      });
    }
    if (bucketBy !== undefined && bucketBy !== null && !['', 'key', '/key'].includes(bucketBy)) {
      found.push({
        path: [...at, 'bucketBy'],
        value: bucketBy,
        message:
          'must be "key", or left out: a context has no other attribute here, and LaunchDarkly would give everyone the first variation',
      });
    }
  };

  visitFlag(flagKey);
  return found;
}
