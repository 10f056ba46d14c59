import { parseJsonPath, type PathSegment } from '#proxy/config/json-path.ts';
import { endOfDay, type ShadowRuleConfig } from '#proxy/config/shadow-rules.ts';
import type { DifferenceKind } from '../delta.types.ts';
import type { Normaliser } from './normalise.ts';

/** What a rule does where it applies; a closed list. */
export type Effect =
  | { readonly does: 'ignore' | 'expect'; readonly kinds: readonly DifferenceKind[] | undefined }
  | {
      readonly does: 'tolerance';
      readonly absolute: number | undefined;
      readonly relative: number | undefined;
    }
  | { readonly does: 'time'; readonly withinMs: number }
  | { readonly does: 'unordered'; readonly key: string | undefined }
  | { readonly does: 'normalise'; readonly names: readonly Normaliser[] }
  | { readonly does: 'map-id'; readonly space: string };

export interface Rule {
  readonly effect: Effect;
  /** `owner: reason` */
  readonly label: string;
}

/** The rules of one route on one day. */
export interface RuleSet {
  readonly body: readonly { readonly segments: readonly PathSegment[]; readonly target: Rule }[];
  /** By name of the header, `set-cookie.NAME` for one cookie. */
  readonly headers: ReadonlyMap<string, readonly Rule[]>;
  readonly status: readonly Rule[];
}

/**
 * Compiles what applies to a route.
 * @param now milliseconds since 1970; rules whose last day is past are left out
 */
export function ruleSet(
  rules: readonly ShadowRuleConfig[],
  { route, now }: { readonly route: string; readonly now: number },
): RuleSet {
  const body: { segments: readonly PathSegment[]; target: Rule }[] = [];
  const headers = new Map<string, Rule[]>();
  const status: Rule[] = [];
  for (const config of rules) {
    if (config.routes !== undefined && !config.routes.includes(route)) continue;
    const effect = now < endOfDay(config.expires) ? effectOf(config) : undefined;
    if (effect === undefined) continue;
    const rule: Rule = { effect, label: `${config.owner}: ${config.reason}` };
    if (config.status === true) status.push(rule);
    if (config.header !== undefined) {
      headers.set(config.header, [...(headers.get(config.header) ?? []), rule]);
    }
    const path = config.path === undefined ? undefined : parseJsonPath(config.path);
    if (path !== undefined && 'segments' in path) body.push({ segments: path.segments, target: rule });
  }
  return { body, headers, status };
}

function effectOf(config: ShadowRuleConfig): Effect | undefined {
  const { kinds, tolerance, timeTolerance, unordered, normalise: names, mapId } = config;
  if (config.ignore === true) return { does: 'ignore', kinds };
  if (config.expect === true) return { does: 'expect', kinds };
  if (tolerance !== undefined) {
    return { does: 'tolerance', absolute: tolerance.absolute, relative: tolerance.relative };
  }
  if (timeTolerance !== undefined) return { does: 'time', withinMs: timeTolerance };
  if (unordered !== undefined) {
    return { does: 'unordered', key: unordered === true ? undefined : unordered.key };
  }
  if (names !== undefined) return { does: 'normalise', names };
  return mapId === undefined ? undefined : { does: 'map-id', space: mapId };
}
