import type { RoutingKey } from '#flags/definitions.ts';
import { stageTable, type Side, type Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { Decide, Decision, RequestHead } from '#proxy/http/seam.ts';
import { forcedSide, forceHeader } from './force.ts';
import { routeTable, type Route } from './table.ts';

/** What the flags say for one request, all taken at one moment. */
export interface Verdict {
  readonly stage: Stage;
  /** Whether the read flag gives this key to the service. False where there is no flag or no key. */
  readonly service: boolean;
  readonly killed: boolean;
}

/** The part of the flags that routing needs. */
export interface RouteFlags {
  evaluate(question: {
    readonly migration: string;
    readonly migrationFlag: string;
    readonly killSwitch: string | undefined;
    readonly readFlag: string | undefined;
    /** `undefined`: the request has none, and the read flag is not asked. */
    readonly key: string | undefined;
  }): Verdict;
}

/** Why a request went to its side. A closed set: it is counted and logged. */
export type Reason = 'unmatched' | 'forced' | 'stage' | 'kill-switch' | 'no-key' | 'no-flag' | 'share';

export interface RouteDecision extends Decision {
  readonly reason: Reason;
}

/** A decision with everything that led to it, for `banyan explain`. */
export interface Explained {
  readonly decision: RouteDecision;
  readonly route: Route | undefined;
  readonly key: string | undefined;
  readonly side: Side | undefined;
  readonly verdict: Verdict | undefined;
}

/** Name under which requests are counted that no route takes. */
export const unmatchedRoute = 'unmatched';

export interface DecideOptions {
  readonly config: Config;
  readonly flags: RouteFlags;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Compiles the configuration into the function that the data plane asks once for each request. */
export function decider(options: DecideOptions): Decide {
  const explain = explainer(options);
  return (head) => explain(head).decision;
}

/**
 * The order of precedence: no route · write by the stage · forced read · kill switch · stage · missing key · share.
 * All flags are read in one call, so that a change in the middle cannot give one request two decisions.
 */
export function explainer({
  config,
  flags,
  now = Date.now,
}: DecideOptions): (head: RequestHead) => Explained {
  const table = routeTable(config);
  const unmatched: Explained = {
    decision: { upstream: config.defaultTarget, route: unmatchedRoute, reason: 'unmatched' },
    route: undefined,
    key: undefined,
    side: undefined,
    verdict: undefined,
  };
  return (head) => {
    const matched = table.match(head.method, head.path);
    if (matched === undefined) return unmatched;
    const { route, parameters } = matched;
    const key = route.key(head, parameters);
    const { migration, migrationFlag, killSwitch, readFlag } = route;
    const verdict = flags.evaluate({ migration, migrationFlag, killSwitch, readFlag, key });
    const forced = config.force && forcedSide(head.header(forceHeader), config.force.secret, now());
    const { side, reason } =
      route.kind === 'write' ? writeSide(verdict) : readSide({ route, key, verdict, forced });
    const upstream = side === 'service' ? route.service : route.monolith;
    return { decision: { upstream, route: route.name, reason }, route, key, side, verdict };
  };
}

interface Chosen {
  readonly side: Side;
  readonly reason: Reason;
}

function writeSide({ stage }: Verdict): Chosen {
  return { side: stageTable[stage].writes, reason: 'stage' };
}

interface Reading {
  readonly route: Route;
  readonly key: string | undefined;
  readonly verdict: Verdict;
  readonly forced: Side | undefined;
}

function readSide({ route, key, verdict, forced }: Reading): Chosen {
  const { reads } = stageTable[verdict.stage];
  // The kill switch is for the worst hour: it beats a forced side and every share. Once the monolith gets no copy any
  // more (`complete`), it would answer from the past, and there is nothing to kill over to.
  if (verdict.killed && verdict.stage !== 'complete') return { side: 'monolith', reason: 'kill-switch' };
  if (forced !== undefined) return { side: forced, reason: 'forced' };
  if (reads !== 'share') return { side: reads, reason: 'stage' };
  if (route.readFlag === undefined) return { side: 'monolith', reason: 'no-flag' };
  if (key === undefined) return { side: 'monolith', reason: 'no-key' };
  return { side: verdict.service ? 'service' : 'monolith', reason: 'share' };
}
