import type { RoutingKey } from '#flags/definitions.ts';
import type { Evaluation, Evaluator } from '#flags/evaluation.ts';
import { stageTable, type Side } from '#flags/stages.ts';
import type { HandoverOf } from '#proxy/http/handover.types.ts';
import type { Decide, Decision, RequestHead, Tap } from '#proxy/http/seam.ts';
import type { Acknowledging } from './acknowledge/acknowledging.ts';
import { byOwner } from './by-owner.ts';
import { forcedSide, forceHeader } from './force.ts';
import type { Ownership } from './ownership.ts';
import type { StayingTable } from './staying.ts';
import type { Route, RouteTable } from './table.ts';

/** Why a request went to its side. A closed set: it is counted and logged. */
export type Reason =
  | 'unmatched'
  | 'kill-switch'
  | 'forced'
  | 'stage'
  | 'no-flag'
  | 'no-key'
  | 'share'
  | 'owner'
  | 'own-write';

/** A decision with everything that led to it. */
export interface Explained {
  readonly decision: Decision & { readonly reason: Reason };
  /** `undefined` where no route takes the request. */
  readonly matched: ExplainedMatch | undefined;
}

export interface ExplainedMatch {
  readonly route: Route;
  readonly key: RoutingKey | undefined;
  readonly evaluation: Evaluation;
  readonly side: Side;
}

export interface DecideOptions {
  readonly table: RouteTable;
  readonly flags: Pick<Evaluator, 'evaluate'>;
  /** Target of what no route takes. */
  readonly defaultTarget: string;
  /** Whether what no route takes may become a WebSocket tunnel. Default false. */
  readonly unmatchedWebsocket?: boolean;
  /** Signs the force header; without it the header counts for nothing. */
  readonly forceSecret?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** What is to hear the exchange of a request that a route takes. It must not throw. */
  readonly tap?: ((head: RequestHead, matched: ExplainedMatch) => Tap | undefined) | undefined;
  /** What is known of owners; without it writes go by the stage alone. */
  readonly ownership?: Ownership | undefined;
  /** Holds the answers to writes until both sides have them; with `ownership` alone. */
  readonly acknowledging?: Acknowledging | undefined;
  /** Routes of the default target that wait for a copy; they do so with `ownership` alone. */
  readonly staying?: StayingTable | undefined;
}

/** Name under which requests are counted that no route takes. */
const unmatchedRoute = 'unmatched';

/** Makes the function that the data plane asks once for each request. It answers at once but for the rarest of flags. */
export function decider(options: DecideOptions): Decide {
  const explain = explainer(options);
  const { tap, staying, ownership } = options;
  const owned = ownership === undefined ? undefined : byOwner(ownership, options.acknowledging);
  const finish = (head: RequestHead, explained: Explained): Decision | Promise<Decision> => {
    const final = owned?.(head, explained) ?? explained;
    return 'then' in final ? final.then((later) => told(head, later)) : told(head, final);
  };
  const told = (head: RequestHead, { decision, matched }: Explained): Decision | Promise<Decision> => {
    if (matched === undefined && ownership !== undefined) return staying?.decide(head, ownership) ?? decision;
    const heard = matched === undefined ? undefined : tap?.(head, matched);
    return heard === undefined ? decision : { ...decision, tap: heard };
  };
  return (head) => {
    const explained = explain(head);
    return 'decision' in explained ? finish(head, explained) : explained.then((later) => finish(head, later));
  };
}

/**
 * As `decider`, telling how it came to its decision. All flags are read in one call, so that a change in the middle
 * cannot give one request two decisions.
 */
export function explainer(options: DecideOptions): (head: RequestHead) => Explained | Promise<Explained> {
  const { table, flags, defaultTarget, unmatchedWebsocket = false, forceSecret, now = Date.now } = options;
  const handover = options.ownership?.handover;
  const unmatched: Explained = {
    decision: {
      upstream: defaultTarget,
      route: unmatchedRoute,
      reason: 'unmatched',
      websocket: unmatchedWebsocket,
    },
    matched: undefined,
  };
  return (head) => {
    const found = table.match(head.method, head.path);
    if (found === undefined) return unmatched;
    const { route, parameters } = found;
    const key = route.key(head, parameters);
    const forced =
      forceSecret === undefined ? undefined : forcedSide(head.header(forceHeader), forceSecret, now());
    const evaluation = flags.evaluate(route.flags, key);
    if ('then' in evaluation)
      return evaluation.then((later) => choose({ route, key, forced, evaluation: later, handover }));
    return choose({ route, key, forced, evaluation, handover });
  };
}

interface Question {
  readonly route: Route;
  readonly key: RoutingKey | undefined;
  readonly forced: Side | undefined;
  readonly evaluation: Evaluation;
  readonly handover: HandoverOf | undefined;
}

function choose(question: Question): Explained {
  const { route, key, evaluation, handover } = question;
  const { side, reason } = route.kind === 'write' ? writeSide(question) : readSide(question);
  const upstream = side === 'service' ? route.service : route.monolith;
  const { name, websocket } = route;
  return {
    decision: { upstream, route: name, reason, websocket, handover },
    matched: { route, key, evaluation, side },
  };
}

interface Chosen {
  readonly side: Side;
  readonly reason: Reason;
}

function writeSide({ evaluation }: Question): Chosen {
  return { side: stageTable[evaluation.stage].writes, reason: 'stage' };
}

/** The order of precedence: kill switch · force · stage · missing flag · missing key · share. */
function readSide({ route, key, forced, evaluation }: Question): Chosen {
  const { stage, killed, read } = evaluation;
  const { reads } = stageTable[stage];
  // At `complete` the monolith gets no copy any more: it would answer from the past, so there is nothing to go back to.
  if (killed && stage !== 'complete') return { side: 'monolith', reason: 'kill-switch' };
  if (forced !== undefined && !(forced === 'monolith' && stage === 'complete'))
    return { side: forced, reason: 'forced' };
  if (reads !== 'share') return { side: reads, reason: 'stage' };
  if (route.flags.read === undefined) return { side: 'monolith', reason: 'no-flag' };
  if (key === undefined) return { side: 'monolith', reason: 'no-key' };
  return { side: read ? 'service' : 'monolith', reason: 'share' };
}
