import type { Config } from '#proxy/config/schema.ts';
import type { HeaderLines } from '#proxy/http/seam.ts';
import { bucketOf } from '#shared/telemetry/latency-histogram.ts';
import type { SameCounts } from './copy/route-counts.ts';
import type { DifferenceKind, FindingDelta, Place, RouteDelta, ShadowDelta } from './delta.types.ts';
import type { LegAnswer, Pair } from './pair.types.ts';

export type Verdict = 'same' | 'different' | 'noise' | 'expected' | 'undecodable';

/** What the comparing thread asks of an analysis. */
export interface ShadowAnalysis {
  /** Judges a pair and counts it. */
  take(pair: Pair): Verdict;
  /** Judges a pair and counts nothing. */
  look(pair: Pair): Verdict;
  /** Pairs that were the same at first sight: never taken, but part of the whole for any statistics. */
  sawSame(counts: readonly SameCounts[]): void;
  /** What was counted since the last call. @param now milliseconds since 1970 */
  flush(now: number): ShadowDelta;
}

/** Goes to another thread, so it holds no functions. */
export interface AnalysisOptions {
  /** Headers that are compared, by migration. */
  readonly compared: Readonly<Record<string, readonly string[]>>;
}

export const comparedHeaders: readonly string[] = [
  'content-type',
  'content-encoding',
  'content-language',
  'location',
];

export function analysisOptions(config: Config): AnalysisOptions {
  return {
    compared: Object.fromEntries(Object.keys(config.migrations).map((name) => [name, comparedHeaders])),
  };
}

/** Compares status, headers and bytes as they are: no structure, no rules, no noise. */
export function shadowAnalysis(options: AnalysisOptions): ShadowAnalysis {
  let routes = new Map<string, RouteDelta>();
  let findings = new Map<string, FindingDelta>();
  let from = Date.now();
  const look = (pair: Pair): readonly Difference[] =>
    differences(pair, new Set(options.compared[pair.migration] ?? comparedHeaders));
  return {
    look: (pair) => (look(pair).length === 0 ? 'same' : 'different'),
    take(pair) {
      const found = look(pair);
      const key = `${pair.migration}\0${pair.route}\0${pair.primarySide}`;
      routes.set(key, counted(routes.get(key), pair, found.length > 0));
      for (const difference of found) {
        const at = `${key}\0${difference.place}\0${difference.path}\0${difference.kind}`;
        findings.set(at, counting(findings.get(at), pair, difference));
      }
      return found.length === 0 ? 'same' : 'different';
    },
    sawSame: () => {},
    flush(now) {
      const delta = { from, to: now, routes: [...routes.values()], findings: [...findings.values()] };
      from = now;
      routes = new Map();
      findings = new Map();
      return delta;
    },
  };
}

interface Difference {
  readonly place: Place;
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly primary: string | undefined;
  readonly shadow: string | undefined;
}

function differences({ primary, shadow }: Pair, compared: ReadonlySet<string>): Difference[] {
  const found: Difference[] = [];
  if (primary.status !== shadow.status) {
    const values = { primary: String(primary.status), shadow: String(shadow.status) };
    found.push({ place: 'status', path: 'status', kind: 'value', ...values });
  }
  for (const name of compared) {
    const [a, b] = [valueOf(primary.headers, name), valueOf(shadow.headers, name)];
    if (a === b) continue;
    const kind = b === undefined ? 'missing' : a === undefined ? 'extra' : 'value';
    found.push({ place: 'header', path: name, kind, primary: a, shadow: b });
  }
  if (!sameBytes(primary, shadow))
    found.push({ place: 'body', path: '$', kind: 'value', primary: undefined, shadow: undefined });
  return found;
}

function valueOf(headers: HeaderLines, name: string): string | undefined {
  const values = headers.flatMap(([header, value]) => (header === name ? [value] : []));
  return values.length === 0 ? undefined : values.join('\n');
}

function sameBytes(a: LegAnswer, b: LegAnswer): boolean {
  return Buffer.from(a.body.buffer, a.body.byteOffset, a.body.length).equals(b.body);
}

function counted(sum: RouteDelta | undefined, pair: Pair, different: boolean): RouteDelta {
  const { migration, route, primarySide, recheck } = pair;
  return {
    migration,
    route,
    primarySide,
    eligible: 0,
    compared: (sum?.compared ?? 0) + 1,
    same: (sum?.same ?? 0) + (different || recheck ? 0 : 1),
    different: (sum?.different ?? 0) + (different ? 1 : 0),
    raced: (sum?.raced ?? 0) + (recheck && !different ? 1 : 0),
    noiseSamples: (sum?.noiseSamples ?? 0) + (pair.againWhy === 'sampled' ? 1 : 0),
    skipped: {},
    shadowFailures: {},
    latency: {
      primary: [...(sum?.latency.primary ?? []), [bucketOf(pair.primary.durationMs), 1]],
      shadow: [...(sum?.latency.shadow ?? []), [bucketOf(pair.shadow.durationMs), 1]],
    },
  };
}

function counting(sum: FindingDelta | undefined, pair: Pair, difference: Difference): FindingDelta {
  const { place, path, kind } = difference;
  return {
    migration: pair.migration,
    route: pair.route,
    primarySide: pair.primarySide,
    place,
    path,
    kind,
    pairs: (sum?.pairs ?? 0) + 1,
    selfDiffered: 0,
    expected: undefined,
    firstSeen: sum?.firstSeen ?? pair.at,
    lastSeen: pair.at,
    samples: [],
  };
}
