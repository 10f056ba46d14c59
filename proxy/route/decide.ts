import type { RoutingKey } from '#flags/definitions.ts';
import type { Evaluation, Evaluator } from '#flags/evaluation.ts';
import { stageTable, type Side, type Stage } from '#flags/stages.ts';
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
  | 'complete'
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
  /** Its stage is `complete` where the migration is, whatever the flag says. */
  readonly evaluation: Evaluation;
  readonly side: Side;
  /** What of the flags and the request counts for nothing, since the migration is complete. */
  readonly ignored?: Ignored;
}

export interface Ignored {
  /** The flag's, where it is another one than `complete`. */
  readonly stage?: Stage;
  readonly killSwitch?: true;
  readonly force?: true;
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
  /** Hears, for each such request, what a completed migration makes count for nothing. It must not throw. */
  readonly onIgnored?: ((migration: string, ignored: Ignored) => void) | undefined;
  /** Holds the answers to writes until both sides have them; with `ownership` alone. */
  readonly acknowledging?: Acknowledging | undefined;
  /** Routes of the default target that wait for a copy; they do so with `ownership` alone. */
  readonly staying?: StayingTable | undefined;
}

/** All that is asked of owners here is whether there is nothing left to decide. */
export interface ExplainOptions extends Omit<DecideOptions, 'ownership'> {
  readonly ownership?: Partial<Pick<Ownership, 'handover' | 'isComplete'>> | undefined;
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
export function explainer(options: ExplainOptions): (head: RequestHead) => Explained | Promise<Explained> {
  const { table, flags, defaultTarget, unmatchedWebsocket = false, forceSecret, now = Date.now } = options;
  const { ownership, onIgnored } = options;
  const handover = ownership?.handover;
  const conclude = (question: Question): Explained => {
    const { migration } = question.route;
    if (ownership?.isComplete?.(migration) !== true) return choose(question);
    const explained = chooseComplete(question);
    const ignored = explained.matched?.ignored;
    if (ignored !== undefined) onIgnored?.(migration, ignored);
    return explained;
  };
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
      return evaluation.then((later) => conclude({ route, key, forced, evaluation: later, handover }));
    return conclude({ route, key, forced, evaluation, handover });
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

/**
 * The other side gets no copy any more: from here on the stage `complete` counts, before the kill switch and before force,
 * since what they would go back to is of the past.
 */
function chooseComplete(question: Question): Explained {
  const { route, forced, evaluation } = question;
  const explained = choose({ ...question, evaluation: { ...evaluation, stage: 'complete' } });
  const { decision, matched } = explained;
  const isRead = route.kind === 'read';
  const ignored: Ignored = {
    ...(evaluation.stage === 'complete' ? {} : { stage: evaluation.stage }),
    ...(isRead && evaluation.killed ? { killSwitch: true as const } : {}),
    ...(isRead && forced === 'monolith' ? { force: true as const } : {}),
  };
  if (matched === undefined || Object.keys(ignored).length === 0) return explained;
  return {
    decision: decision.reason === 'forced' ? decision : { ...decision, reason: 'complete' },
    matched: { ...matched, ignored },
  };
}

interface Chosen {
  readonly side: Side;
  readonly reason: Reason;
}

function writeSide({ evaluation }: Question): Chosen {
  return { side: stageTable[evaluation.stage].writes, reason: 'stage' };
}

/** The order of precedence, where the migration is not complete: kill switch · force · stage · missing flag · missing key · share. */
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
