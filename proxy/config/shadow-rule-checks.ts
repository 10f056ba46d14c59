import type { ConfigProblem } from './problem.ts';
import { endOfDay, type ShadowRuleConfig } from './shadow-rules.ts';
import { malformed, type SoundParts } from './sound-parts.ts';

const places = ['path', 'header', 'status'] as const;
const effects = [
  'ignore',
  'expect',
  'tolerance',
  'timeTolerance',
  'unordered',
  'normalise',
  'mapId',
] as const;

type Effect = (typeof effects)[number];

/** Effects that need a value to look into; a status has none. */
const forStatus: ReadonlySet<Effect> = new Set(['ignore', 'expect']);
const withKinds: ReadonlySet<Effect> = new Set(['ignore', 'expect']);

/** What a rule's fields can't show one by one: no place or two, no effect or two, routes that there are not. */
export function shadowRuleChecks(parts: SoundParts): ConfigProblem[] {
  return everyRule(parts).flatMap(({ rule, at, routes }) =>
    ruleProblems(rule, routes).map(({ path, message }) => ({ path: [...at, ...path], message })),
  );
}

/**
 * Rules whose last day is past. `banyan check` fails on them. A proxy starts all the same, without what they did: one
 * that is restarted at night must not stay down because of a date.
 * @param now milliseconds since 1970
 */
export function expiredRules(parts: SoundParts, now: number): ConfigProblem[] {
  return everyRule(parts).flatMap(({ rule, at }) =>
    now < endOfDay(rule.expires)
      ? []
      : [
          {
            path: [...at, 'expires'],
            message: `is past: the rule of ${rule.owner} does nothing any more; remove it, or have ${rule.owner} extend it`,
          },
        ],
  );
}

interface PlacedRule {
  readonly rule: ShadowRuleConfig;
  readonly at: readonly (string | number)[];
  /** `undefined` where a route's name is malformed: it may be the one that is meant. */
  readonly routes: ReadonlySet<string> | undefined;
}

function everyRule({ migrations }: SoundParts): PlacedRule[] {
  return Object.entries(migrations).flatMap(([name, { shadowRules, routes }]) => {
    const names = routes.flatMap((route) => (route.name === malformed ? [] : [route.name]));
    const known = names.length < routes.length ? undefined : new Set(names);
    return shadowRules.flatMap((rule, index) =>
      rule === malformed ? [] : [{ rule, at: ['migrations', name, 'shadow', 'rules', index], routes: known }],
    );
  });
}

function ruleProblems(rule: ShadowRuleConfig, routes: PlacedRule['routes']): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const itsPlaces = places.filter((place) => rule[place] !== undefined);
  const itsEffects = effects.filter((effect) => rule[effect] !== undefined);
  if (itsPlaces.length !== 1) {
    problems.push({ path: [], message: 'must name one place: path, header or status: true' });
  }
  if (itsEffects.length !== 1) {
    problems.push({ path: [], message: `must have one effect: ${effects.join(', ')}` });
  }
  const [effect] = itsEffects;
  if (effect !== undefined && rule.status === true && !forStatus.has(effect)) {
    problems.push({ path: [effect], message: 'has no use on the status; write ignore or expect' });
  }
  if (effect !== undefined && rule.kinds !== undefined && !withKinds.has(effect)) {
    problems.push({ path: ['kinds'], message: 'has a use with ignore and expect alone; drop it' });
  }
  if (rule.header !== undefined && typeof rule.unordered === 'object') {
    problems.push({ path: ['unordered'], message: 'must be true for a header: its values have no members' });
  }
  if (
    rule.tolerance !== undefined &&
    rule.tolerance.absolute === undefined &&
    rule.tolerance.relative === undefined
  ) {
    problems.push({ path: ['tolerance'], message: 'must give absolute or relative' });
  }
  for (const [index, route] of (rule.routes ?? []).entries()) {
    if (routes === undefined || routes.has(route)) continue;
    problems.push({
      path: ['routes', index],
      message: `is no route of this migration; routes are: ${[...routes].join(', ')}`,
    });
  }
  return problems;
}
