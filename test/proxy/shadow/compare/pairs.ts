import { shadowAnalysis, type AnalysisOptions, type ShadowAnalysis } from '#proxy/shadow/analysis.ts';
import { shadowRedact, shadowRule } from '#proxy/config/shadow-rules.ts';
import type { AnalysisBounds } from '#proxy/shadow/compare/analysis-options.ts';
import type { LegAnswer, Pair } from '#proxy/shadow/pair.types.ts';
import type { FindingDelta } from '#proxy/shadow/delta.types.ts';

export const at = Date.parse('2026-06-01T12:00:00Z');

export function json(body: unknown, more: Partial<LegAnswer> = {}): LegAnswer {
  return raw(typeof body === 'string' ? body : JSON.stringify(body), {
    headers: [['content-type', 'application/json']],
    ...more,
  });
}

export function raw(body: string | Uint8Array, more: Partial<LegAnswer> = {}): LegAnswer {
  return {
    status: 200,
    headers: [],
    body: typeof body === 'string' ? Buffer.from(body) : body,
    durationMs: 1,
    ...more,
  };
}

export function pairOf(primary: LegAnswer, shadow: LegAnswer, more: Partial<Pair> = {}): Pair {
  return {
    migration: 'm',
    route: 'r',
    key: undefined,
    at,
    request: { method: 'GET', target: '/items/1', headers: [], body: undefined },
    primarySide: 'monolith',
    primary,
    shadow,
    again: undefined,
    againWhy: undefined,
    nearWrite: false,
    recheck: false,
    ...more,
  };
}

const signed = { owner: 'team', reason: 'known', expires: '2030-01-31' };

export function analysisOf(
  rules: readonly object[] = [],
  more: { compareHeaders?: string[]; redact?: object; bounds?: Partial<AnalysisBounds> } = {},
): ShadowAnalysis {
  const options: AnalysisOptions = {
    migrations: {
      m: {
        compareHeaders: more.compareHeaders,
        rules: rules.map((rule) => shadowRule.parse({ ...signed, ...rule })),
      },
    },
    redact: shadowRedact.parse(more.redact ?? {}),
    bounds: more.bounds ?? {},
  };
  return shadowAnalysis(options, { now: at, random: () => 0.5 });
}

/** The findings of one pair, as `place path kind`. */
export function findingsOf(primary: LegAnswer, shadow: LegAnswer, rules: readonly object[] = []): string[] {
  const analysis = analysisOf(rules);
  analysis.take(pairOf(primary, shadow));
  return analysis.flush(at).findings.map(titleOf);
}

export function titleOf({ place, path, kind }: FindingDelta): string {
  return `${place} ${path} ${kind}`;
}
