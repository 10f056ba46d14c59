import { flagKinds, type FlagDefinition } from './definitions.ts';
import { wrongRollouts } from './context-kinds.ts';
import type { FlagData, SegmentData } from './flag-file-schema.ts';
import { matchesNobody } from './matches-nobody.ts';
import { flagProblem, type FlagProblem, type Path } from './problems.ts';

/** The items of a flag file that are sound in themselves, and the names of all there are. */
export interface FlagItems {
  readonly flags: ReadonlyMap<string, FlagData>;
  readonly segments: ReadonlyMap<string, SegmentData>;
  readonly flagKeys: ReadonlySet<string>;
  /** Those of `flags` that are written as `flagValues`. */
  readonly shorthand: ReadonlySet<string>;
  readonly segmentKeys: ReadonlySet<string>;
}

type Clause = NonNullable<NonNullable<NonNullable<FlagData['rules']>[number]['clauses']>>[number];

/** What a field alone cannot show: indices and names that point nowhere, circles, and flags that are not of their kind. */
export function flagFileChecks(items: FlagItems, wanted: readonly FlagDefinition[]): FlagProblem[] {
  return [
    ...[...items.flags].flatMap(([key, flag]) => flagChecks(items, key, flag)),
    ...[...items.segments].flatMap(([key, segment]) => segmentChecks(items, key, segment)),
    ...circles(items),
    ...wantedChecks(items, wanted),
  ];
}

function flagChecks(items: FlagItems, key: string, flag: FlagData): FlagProblem[] {
  const at = ['flags', key];
  const problems = sameKey(at, key, flag.key);
  const index = (path: Path, value: number | null | undefined): void => {
    if (typeof value !== 'number' || value < flag.variations.length) return;
    problems.push(
      flagProblem(path, value, `must be an index into variations: 0 to ${flag.variations.length - 1}`),
    );
  };
  const outcome = (path: Path, place: Pick<FlagData['fallthrough'], 'variation' | 'rollout'>): void => {
    const hasVariation = typeof place.variation === 'number';
    const hasRollout = place.rollout !== undefined && place.rollout !== null;
    if (hasVariation === hasRollout)
      problems.push(flagProblem(path, undefined, 'must have either variation or rollout'));
    index([...path, 'variation'], place.variation);
    for (const [part, { variation }] of (place.rollout?.variations ?? []).entries()) {
      index([...path, 'rollout', 'variations', part, 'variation'], variation);
    }
  };
  index([...at, 'offVariation'], flag.offVariation);
  outcome([...at, 'fallthrough'], flag.fallthrough);
  for (const field of ['targets', 'contextTargets'] as const) {
    for (const [part, target] of (flag[field] ?? []).entries())
      index([...at, field, part, 'variation'], target.variation);
  }
  for (const [part, rule] of (flag.rules ?? []).entries()) {
    outcome([...at, 'rules', part], rule);
    problems.push(...clauseChecks(items, [...at, 'rules', part, 'clauses'], rule.clauses));
  }
  for (const [part, prerequisite] of (flag.prerequisites ?? []).entries()) {
    const path = [...at, 'prerequisites', part];
    const other = items.flags.get(prerequisite.key);
    if (!items.flagKeys.has(prerequisite.key)) {
      problems.push(
        flagProblem([...path, 'key'], prerequisite.key, `is no flag of this file; ${there(items.flagKeys)}`),
      );
    } else if (other !== undefined && prerequisite.variation >= other.variations.length) {
      const message = `must be an index into the variations of ${prerequisite.key}: 0 to ${other.variations.length - 1}`;
      problems.push(flagProblem([...path, 'variation'], prerequisite.variation, message));
    }
  }
  return problems;
}

function segmentChecks(items: FlagItems, key: string, segment: SegmentData): FlagProblem[] {
  const at = ['segments', key];
  return [
    ...sameKey(at, key, segment.key),
    ...(segment.rules ?? []).flatMap((rule, part) =>
      clauseChecks(items, [...at, 'rules', part, 'clauses'], rule.clauses),
    ),
  ];
}

function clauseChecks(
  items: FlagItems,
  at: Path,
  clauses: readonly Clause[] | null | undefined,
): FlagProblem[] {
  return (clauses ?? []).flatMap((clause, part) => {
    if (clause.op === 'segmentMatch') {
      return clause.values.flatMap((value, place) => {
        if (typeof value === 'string' && items.segmentKeys.has(value)) return [];
        return [
          flagProblem(
            [...at, part, 'values', place],
            value,
            `is no segment of this file; ${there(items.segmentKeys)}`,
          ),
        ];
      });
    }
    if (typeof clause.attribute === 'string' && clause.attribute !== '') return [];
    return [flagProblem([...at, part, 'attribute'], clause.attribute, 'must name an attribute, e.g. key')];
  });
}

/** Prerequisites and segments that lead back to themselves: the evaluator answers such a flag with an error. */
function circles(items: FlagItems): FlagProblem[] {
  const problems: FlagProblem[] = [];
  const prerequisites = (key: string): string[] =>
    (items.flags.get(key)?.prerequisites ?? []).map((other) => other.key);
  const segments = (key: string): string[] =>
    (items.segments.get(key)?.rules ?? [])
      .flatMap((rule) => rule.clauses ?? [])
      .flatMap((clause) => (clause.op === 'segmentMatch' ? clause.values.map(String) : []));
  for (const key of items.flags.keys()) {
    if (leadsTo(prerequisites, key)) {
      problems.push(
        flagProblem(['flags', key, 'prerequisites'], undefined, 'must not lead back to the flag itself'),
      );
    }
  }
  for (const key of items.segments.keys()) {
    if (leadsTo(segments, key)) {
      problems.push(
        flagProblem(['segments', key, 'rules'], undefined, 'must not lead back to the segment itself'),
      );
    }
  }
  return problems;
}

function leadsTo(next: (key: string) => string[], goal: string): boolean {
  const seen = new Set<string>();
  const open = next(goal);
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (key === goal) return true;
    if (seen.has(key)) continue;
    seen.add(key);
    open.push(...next(key));
  }
  return false;
}

/** The flags that the configuration names: they are there, answer what their kind answers, and hash what they are asked for. */
function wantedChecks(items: FlagItems, wanted: readonly FlagDefinition[]): FlagProblem[] {
  const lookup = {
    flag: (key: string) => items.flags.get(key),
    segment: (key: string) => items.segments.get(key),
  };
  // Routes may share a flag; it is told once.
  const distinct = new Map(wanted.map((definition) => [`${definition.kind} ${definition.key}`, definition]));
  const problems = [...distinct.values()].flatMap(({ kind, key }) => {
    const { name, accepts, values, contextKind } = flagKinds[kind];
    if (!items.flagKeys.has(key)) {
      return [
        flagProblem(['flags', key], undefined, `is missing: the configuration names it as ${name}; add it`),
      ];
    }
    const wrongValues = (items.flags.get(key)?.variations ?? []).flatMap((value, index) => {
      if (accepts(value)) return [];
      const path = items.shorthand.has(key) ? ['flagValues', key] : ['flags', key, 'variations', index];
      return [flagProblem(path, value, `must be ${values}: the configuration names the flag as ${name}`)];
    });
    const wrong = [...wrongRollouts(lookup, key, contextKind), ...matchesNobody(lookup, key, contextKind)];
    return [...wrongValues, ...wrong.map(({ path, value, message }) => flagProblem(path, value, message))];
  });
  // Flags may pass through the same prerequisites and segments.
  const told = new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem]));
  return [...told.values()];
}

function sameKey(at: Path, key: string, told: string | undefined): FlagProblem[] {
  if (told === undefined || told === key) return [];
  return [
    flagProblem([...at, 'key'], told, `must be "${key}", the name under which it stands, or be left out`),
  ];
}

function there(keys: ReadonlySet<string>): string {
  return keys.size === 0 ? 'there is none' : `there are: ${[...keys].join(', ')}`;
}
