import type { HeaderLines } from '#proxy/http/seam.ts';
import { bucketOf } from '#shared/telemetry/latency-histogram.ts';
import type { DifferenceKind, FindingDelta, Place, RouteDelta, ShadowDelta } from './delta.types.ts';
import type { LegAnswer, Pair } from './pair.types.ts';

export type PairVerdict = 'same' | 'different' | 'noise' | 'expected' | 'undecodable';

/** What the comparing thread asks of an analysis. */
export interface ShadowAnalysis {
  /** Judges a pair and counts it, but for a difference near a write, before its recheck. Never throws. */
  take(pair: Pair): PairVerdict;
  /** Whether the primary should be asked once more for the pair just taken, to tell noise from difference. */
  wantsAgain(): boolean;
  /** What was counted since the last call. @param now milliseconds since 1970 */
  flush(now: number): ShadowDelta;
}

/** Goes to another thread, so it holds no functions. */
export interface AnalysisOptions {
  /** By name of the migration. */
  readonly migrations: Readonly<Record<string, { readonly compareHeaders?: readonly string[] }>>;
}

export const defaultHeaders: readonly string[] = ['content-language', 'content-type', 'location'];

/** Compares status, headers and bytes as they are: no structure, no rules, no noise. */
export function shadowAnalysis(options: AnalysisOptions, { now }: { readonly now: number }): ShadowAnalysis {
  let routes = new Map<string, RouteDelta>();
  let findings = new Map<string, FindingDelta>();
  let from = now;
  let asksAgain = false;
  return {
    take(pair) {
      asksAgain = false;
      const { compareHeaders = defaultHeaders } = options.migrations[pair.migration] ?? {};
      const found = differences(pair, new Set(compareHeaders));
      const verdict = found.length === 0 ? 'same' : 'different';
      if (pair.againWhy === 'differed') return verdict;
      if (verdict === 'different' && pair.nearWrite && !pair.recheck) return verdict;
      const key = `${pair.migration}\0${pair.route}\0${pair.primarySide}`;
      routes.set(key, counted(routes.get(key), pair, found.length > 0));
      for (const difference of found) {
        const at = `${key}\0${difference.place}\0${difference.path}\0${difference.kind}`;
        findings.set(at, counting(findings.get(at), pair, difference));
      }
      asksAgain = found.length > 0 && pair.again === undefined;
      return verdict;
    },
    wantsAgain: () => asksAgain,
    flush(to) {
      const delta = { from, to, routes: [...routes.values()], findings: [...findings.values()] };
      from = to;
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
    evidence: { shadowAlone: 0, primaryAlone: 0, allDiffer: 0 },
    expected: undefined,
    firstSeen: sum?.firstSeen ?? pair.at,
    lastSeen: pair.at,
    samples: [],
  };
}
