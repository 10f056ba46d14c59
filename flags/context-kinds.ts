import type { Path } from './problems.ts';
import { reachable, type FlagLookup, type RolloutShape } from './reachable.ts';

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

  const visitRollout = (rollout: RolloutShape | null | undefined, at: Path): void => {
    if (rollout === undefined || rollout === null) return;
    // An experiment is always hashed by the key, whatever bucketBy says.
    const bucketBy = rollout.kind === 'experiment' ? undefined : rollout.bucketBy;
    judge({ kind: rollout.contextKind, kindField: 'contextKind', bucketBy, at });
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

  for (const passed of reachable(data, flagKey)) {
    if (passed.kind === 'flag') {
      const { key, flag } = passed;
      visitRollout(flag.fallthrough?.rollout, ['flags', key, 'fallthrough', 'rollout']);
      for (const [index, rule] of (flag.rules ?? []).entries())
        visitRollout(rule.rollout, ['flags', key, 'rules', index, 'rollout']);
      continue;
    }
    for (const [index, rule] of (passed.segment.rules ?? []).entries()) {
      if (typeof rule.weight !== 'number') continue;
      judge({
        kind: rule.rolloutContextKind,
        kindField: 'rolloutContextKind',
        bucketBy: rule.bucketBy,
        at: ['segments', passed.key, 'rules', index],
      });
    }
  }
  return found;
}
