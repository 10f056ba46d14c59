import type { Side } from '#flags/stages.ts';
import { canonicalTarget } from '#proxy/http/target-rules.ts';
import type { RouteDelta, ShadowDelta, SkipReason } from '../delta.types.ts';
import type { LegAnswer, Pair } from '../pair.types.ts';
import type { Leg, LegFailure } from './leg.ts';
import { paced } from './pace.ts';
import type { Recorded, Recording } from './recorded.types.ts';
import { requestHeaders, type HeaderChoice } from './request-headers.ts';

/** What compares; the worker thread's own analysis, called here in place. */
export interface ReplayAnalysis {
  take(pair: Pair): unknown;
  /** Milliseconds since 1970. */
  flush(now: number): ShadowDelta;
  /** Whether the pair just taken should be seen with a second answer of the primary, to tell noise from difference. */
  wantsAgain?(): boolean;
}

export interface MatchedRoute {
  readonly migration: string;
  readonly route: string;
  readonly primarySide: Side;
}

export interface ReplayOptions extends HeaderChoice {
  readonly recording: Recording;
  readonly primary: Leg;
  readonly shadow: Leg;
  /** Which route takes a request; `undefined`: none, and it is not compared. */
  readonly match: (method: string, path: string) => MatchedRoute | undefined;
  readonly analysis: ReplayAnalysis;
  readonly rate: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onDelta: (delta: ShadowDelta) => void;
  /** Called after each request. */
  readonly onProgress?: (counts: ReplayCounts) => void;
}

/** What became of the recording. */
export interface ReplayCounts {
  sent: number;
  compared: number;
  /** Pairs in which both answered 401 or 403, so that the refusal alone was compared. */
  refused: number;
  /** A request or an answer that made no pair. */
  failed: number;
  unsafe: number;
  unmatched: number;
  unreadable: number;
  firstUnreadable: string | undefined;
  /** Requests whose recorded credentials were left out. */
  withoutCredentials: number;
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** One in so many is put to the primary twice, to see what differs by itself. */
const noiseEvery = 10;
const flushEvery = 200;

/** Puts recorded requests to two systems and compares their answers. Methods that may change something are never sent. */
export async function replay(options: ReplayOptions): Promise<ReplayCounts> {
  const { recording, analysis, onDelta, onProgress } = options;
  const counts: ReplayCounts = {
    sent: 0,
    compared: 0,
    refused: 0,
    failed: 0,
    unsafe: 0,
    unmatched: 0,
    unreadable: 0,
    firstUnreadable: undefined,
    withoutCredentials: 0,
  };
  const task = async (request: Sendable): Promise<void> => {
    await compare(request, { options, counts });
    if (counts.sent % flushEvery === 0) onDelta(analysis.flush(Date.now()));
    onProgress?.(counts);
  };
  await paced(sendable(recording, { options, counts }), task, options);
  onDelta(analysis.flush(Date.now()));
  return counts;
}

interface Run {
  readonly options: ReplayOptions;
  readonly counts: ReplayCounts;
}

interface Sendable {
  readonly method: string;
  readonly target: string;
  readonly headers: Recorded['headers'];
  readonly matched: MatchedRoute;
}

async function* sendable(recording: Recording, { options, counts }: Run): AsyncIterable<Sendable> {
  for await (const item of recording.requests) {
    if (item.kind === 'unreadable') {
      counts.unreadable += 1;
      counts.firstUnreadable ??= `${item.where} ${item.why}`;
      continue;
    }
    const canonical = canonicalTarget(item.target);
    if ('refused' in canonical) {
      counts.unreadable += 1;
      counts.firstUnreadable ??= `a request's target is refused: ${canonical.refused}`;
      continue;
    }
    const { target } = canonical;
    const matched = options.match(item.method, target.split('?', 1)[0] ?? target);
    if (matched === undefined) counts.unmatched += 1;
    else if (!safeMethods.has(item.method)) {
      counts.unsafe += 1;
      options.onDelta(skipped(matched, 'unsafe-method'));
    } else yield { method: item.method, target, headers: item.headers, matched };
  }
}

async function compare(request: Sendable, { options, counts }: Run): Promise<void> {
  const { method, target, matched } = request;
  const { headers, hadCredentials } = requestHeaders(request.headers, options);
  if (hadCredentials) counts.withoutCredentials += 1;
  counts.sent += 1;
  const number = counts.sent;
  const ask = (leg: Leg): Promise<LegAnswer | LegFailure> => leg.ask({ method, target, headers });
  const [primary, shadow] = await Promise.all([ask(options.primary), ask(options.shadow)]);
  if ('failed' in primary || 'failed' in shadow) {
    counts.failed += 1;
    options.onDelta(failedDelta(matched, primary, shadow));
    return;
  }
  const again = async (): Promise<LegAnswer | undefined> => {
    const answer = await ask(options.primary);
    return 'failed' in answer ? undefined : answer;
  };
  const pair: Pair = {
    ...matched,
    key: undefined,
    at: Date.now(),
    request: { method, target, headers, body: undefined },
    primary,
    shadow,
    again: number % noiseEvery === 1 ? await again() : undefined,
    againWhy: number % noiseEvery === 1 ? 'sampled' : undefined,
    nearWrite: false,
    recheck: false,
  };
  options.analysis.take(pair);
  const wantsAgain = options.analysis.wantsAgain?.() === true;
  counts.compared += 1;
  if (isRefusal(primary) && isRefusal(shadow)) counts.refused += 1;
  options.onDelta(eligible(matched));
  if (!wantsAgain || pair.again !== undefined) return;
  const second = await again();
  if (second !== undefined) options.analysis.take({ ...pair, again: second, againWhy: 'differed' });
}

function failedDelta(
  matched: MatchedRoute,
  primary: LegAnswer | LegFailure,
  shadow: LegAnswer | LegFailure,
): ShadowDelta {
  if ([primary, shadow].some((answer) => 'failed' in answer && answer.failed === 'over-size'))
    return skipped(matched, 'answer-over-size');
  if ('failed' in primary) return skipped(matched, 'primary-failed');
  return 'failed' in shadow ? skipped(matched, 'shadow-failed', shadow.failed) : eligible(matched);
}

function skipped(matched: MatchedRoute, reason: SkipReason, failure?: string): ShadowDelta {
  return routeOnly(matched, {
    skipped: { [reason]: 1 },
    shadowFailures: failure === undefined ? {} : { [failure]: 1 },
  });
}

function eligible(matched: MatchedRoute): ShadowDelta {
  return routeOnly(matched, { skipped: {}, shadowFailures: {} });
}

/** The analysis counts what it compared; what could have been, and was not, is counted here. */
function routeOnly(
  matched: MatchedRoute,
  { skipped, shadowFailures }: Pick<RouteDelta, 'skipped' | 'shadowFailures'>,
): ShadowDelta {
  const now = Date.now();
  const counts = { eligible: 1, compared: 0, same: 0, different: 0, raced: 0, noiseSamples: 0 };
  const latency = { primary: [], shadow: [] };
  return {
    from: now,
    to: now,
    routes: [{ ...matched, ...counts, skipped, shadowFailures, latency }],
    findings: [],
  };
}

function isRefusal({ status }: LegAnswer): boolean {
  return status === 401 || status === 403;
}
