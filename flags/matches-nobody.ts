import type { WrongRollout } from './context-kinds.ts';
import { migrationKind, routingKeyKind } from './definitions.ts';
import type { FlagData, SegmentData } from './flag-file-schema.ts';
import type { Path } from './problems.ts';
import { reachable } from './reachable.ts';

export interface FileLookup {
  readonly flag: (key: string) => FlagData | undefined;
  readonly segment: (key: string) => SegmentData | undefined;
}

type Clause = NonNullable<NonNullable<NonNullable<FlagData['rules']>[number]['clauses']>>[number];
type Target = NonNullable<FlagData['targets']>[number];

/**
 * Finds targets and clauses of a flag, and of all that its answer passes through, that can match nobody: those over
 * another kind of context than the one that the flag is asked for (LaunchDarkly takes "user" where none is named), or
 * over an attribute that no context has here. LaunchDarkly passes over them in silence, so whoever wrote them to keep a
 * key on one side would not be obeyed.
 */
export function matchesNobody(data: FileLookup, flagKey: string, contextKind: string): WrongRollout[] {
  const found: WrongRollout[] = [];
  // What several flags pass through may tell their kinds of contexts apart.
  let kinds: readonly string[] = [contextKind];

  const judge = (at: Path, kind: string | null | undefined): void => {
    if (kinds.includes(kind ?? '')) return;
    const named = kinds.map((allowed) => `"${allowed}"`).join(' or ');
    const why =
      kind === undefined || kind === null
        ? 'LaunchDarkly takes "user" where there is none, which matches nobody here'
        : 'no other context is asked for here, so it matches nobody';
    found.push({ path: [...at, 'contextKind'], value: kind, message: `must be ${named}: ${why}` });
  };
  const targets = (at: Path, list: readonly Pick<Target, 'contextKind'>[] | null | undefined): void => {
    for (const [index, target] of (list ?? []).entries()) judge([...at, index], target.contextKind);
  };
  const clauses = (at: Path, list: readonly Clause[] | null | undefined): void => {
    for (const [index, { op, attribute, contextKind: kind }] of (list ?? []).entries()) {
      // A segment says itself for whom it is, and the attribute "kind" is of every context.
      if (op === 'segmentMatch' || attribute === 'kind') continue;
      judge([...at, index], kind);
      if (typeof attribute !== 'string' || ['', 'key', '/key'].includes(attribute)) continue;
      const message = 'must be "key": a context has no other attribute here, so it matches nobody';
      found.push({ path: [...at, index, 'attribute'], value: attribute, message });
    }
  };
  const people = (at: Path, list: readonly string[] | null | undefined): void => {
    if ((list ?? []).length === 0) return;
    const message = `are keys of "user" contexts, which match nobody here: list them under ${String(at.at(-1))}Contexts, with their contextKind`;
    found.push({ path: at, value: list, message });
  };

  for (const passed of reachable(data, flagKey)) {
    const at = [`${passed.kind}s`, passed.key];
    const isItself = passed.kind === 'flag' && passed.key === flagKey;
    kinds = isItself ? [contextKind] : [routingKeyKind, migrationKind];
    if (passed.kind === 'flag') {
      const { flag } = passed;
      // Beside contextTargets LaunchDarkly looks at these for "user" contexts alone.
      if ((flag.contextTargets ?? []).length > 0 && (flag.targets ?? []).length > 0)
        found.push({
          path: [...at, 'targets'],
          value: undefined,
          message: 'match nobody beside contextTargets: move them there',
        });
      else targets([...at, 'targets'], flag.targets);
      targets([...at, 'contextTargets'], flag.contextTargets);
    } else {
      const { segment } = passed;
      people([...at, 'included'], segment.included);
      people([...at, 'excluded'], segment.excluded);
      targets([...at, 'includedContexts'], segment.includedContexts);
      targets([...at, 'excludedContexts'], segment.excludedContexts);
    }
    const { rules } = passed.kind === 'flag' ? passed.flag : passed.segment;
    for (const [index, rule] of (rules ?? []).entries())
      clauses([...at, 'rules', index, 'clauses'], rule.clauses);
  }
  return found;
}
