import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { actionOf } from './actions.ts';
import { createClient, type Client, type Request } from './client.ts';
import type { Shopper } from './shopper.ts';
import type { Step } from './steps.ts';
import { createTally, type TallySnapshot } from './tally.ts';
import { failed, type Verdict } from './verdict.ts';
import { createVisits, type Visit, type VisitsOptions } from './visits.ts';

export interface TrafficOptions extends VisitsOptions {
  /** `http://host:port` of the proxy. */
  readonly url: string;
  /** Requests a second. */
  readonly rate: number;
  /**
   * Time in which the rate grows from a tenth to all of it, so that cold processes don't get a whole crowd's log-ins at
   * once. Milliseconds. Default 3,000; 0: from the start.
   */
  readonly warmUpMs?: number;
}

export interface Traffic {
  snapshot(): TallySnapshot;
  /** The longest latency since the last call, milliseconds; `undefined` where no answer came. */
  longest(): number | undefined;
  /** Sends nothing more, waits for the answers that are due (at most `withinMs`, default 5,000) and closes the connections. */
  stop(withinMs?: number): Promise<void>;
}

const tickMs = 5;
const requestLimitMs = 10_000;
/** One second's requests may be unanswered, and never so many that they alone would be the trouble. */
const inFlightLimit = (rate: number): number => Math.min(1_000, Math.max(50, Math.ceil(rate)));
const slowestStart = 0.1;
/** After a pause of the whole process (a laptop's sleep) the missed requests are not sent in one burst. */
const longestBacklogSeconds = 1;

/**
 * Sends users' requests at a constant rate, whether or not the answers keep up (open loop), so a slow system is seen as
 * slow: latency counts from the moment a request was due. Bounded in flight, and each request in time.
 */
export function startTraffic(options: TrafficOptions): Traffic {
  const { rate, url, warmUpMs = 3_000 } = options;
  const limit = inFlightLimit(rate);
  const client = createClient({ url, connections: limit, timeoutMs: requestLimitMs });
  const tally = createTally();
  const visits = createVisits(options);
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();
  let nextDueAt = startedAt;
  const gapMs = (): number => {
    const warm = warmUpMs === 0 ? 1 : (nextDueAt - startedAt) / warmUpMs;
    return 1_000 / (rate * Math.min(1, Math.max(slowestStart, warm)));
  };

  function tick(): void {
    const now = performance.now();
    const missed = Math.floor(((now - nextDueAt) / 1_000 - longestBacklogSeconds) * rate);
    if (missed > 0) {
      tally.skip(missed);
      nextDueAt += (missed / rate) * 1_000;
    }
    for (; nextDueAt <= now; nextDueAt += gapMs()) send(nextDueAt);
  }

  function send(dueAt: number): void {
    const taken = running.size < limit ? visits.take(dueAt) : undefined;
    if (taken === undefined) {
      tally.skip(1);
      return;
    }
    tally.begin();
    const { visit, step } = taken;
    const sent = perform(client, visit, step).then((verdict) => {
      const now = performance.now();
      tally.end({ verdict, latencyMs: now - dueAt, where: sayWhere(visit, step) });
      visits.giveBack(visit, { now, goesOn: goesOn(verdict) });
      running.delete(sent);
    });
    running.add(sent);
  }

  const timer = setInterval(tick, tickMs);

  async function end(withinMs: number): Promise<void> {
    clearInterval(timer);
    const late = Promise.withResolvers<void>();
    const bound = setTimeout(late.resolve, withinMs);
    await Promise.race([Promise.all(running), late.promise]);
    clearTimeout(bound);
    // What is still without an answer fails now, and is counted so.
    await client.close();
    await Promise.all(running);
  }

  let ended: Promise<void> | undefined;
  return {
    snapshot: () => tally.snapshot(),
    longest: () => tally.longest(),
    stop: (withinMs = 5_000) => (ended ??= end(withinMs)),
  };
}

/** Never rejects: no answer at all is a failure that the user saw. */
async function perform(client: Client, { shopper }: Visit, step: Step): Promise<Verdict> {
  const action = actionOf(step);
  try {
    const response = await client.send(asBrowser(asGateway(action.request(shopper, step), shopper), shopper));
    shopper.seen = response.seen ?? shopper.seen;
    return action.judge(response, shopper, step);
  } catch (error) {
    const code = codeOf(error);
    return failed(`no answer (${code === undefined ? '' : `${code}: `}${messageOf(error)})`);
  }
}

/** The gateway in front of the proxy knows who calls and says so. */
function asGateway(request: Request, { userId, accessToken }: Shopper): Request {
  if (userId === undefined || accessToken === undefined) return request;
  return { ...request, headers: { ...request.headers, 'x-consumer-id': String(userId) } };
}

/** Carries what the proxy gave it, so that any worker of any proxy knows of its own writes. */
function asBrowser(request: Request, { seen }: Shopper): Request {
  return seen === undefined ? request : { ...request, headers: { ...request.headers, 'banyan-seen': seen } };
}

/** After a failure what follows could not be judged: its writes may or may not have happened. */
function goesOn(verdict: Verdict): boolean {
  return verdict.kind === 'ok' || (verdict.kind === 'refused' && !verdict.leave);
}

function sayWhere({ plan }: Visit, step: Step): string {
  return `session ${plan.number} (${plan.kind}${plan.userId === undefined ? '' : `, user ${plan.userId}`}), ${step.do}`;
}
