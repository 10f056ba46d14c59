import type { Side } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { createLegPool, type EndedLeg, type LegPool } from '#proxy/http/extra-leg.ts';
import type { Deadlines } from '#proxy/http/deadlines.ts';
import type { UpstreamOptions } from '#proxy/http/seam.ts';
import type { SkipReason } from '../delta.types.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { CompareThread } from './compare-thread.ts';
import { Copy, type CopyFacts, type CopyOwner } from './copy.ts';
import { createFifo, type Fifo } from './fifo.ts';
import { legLines } from './leg-lines.ts';
import type { RecentWrites } from './recent-writes.ts';
import type { Wishes } from './compare-messages.ts';
import { sameAnswer } from './same-answer.ts';
import { createTokenBucket } from './token-bucket.ts';

export type MigrationConfig = Config['migrations'][string];

export interface MigrationCopiesOptions {
  readonly name: string;
  readonly migration: MigrationConfig;
  readonly upstreams: Readonly<Record<Side, UpstreamOptions>>;
  /** Copies that may wait. */
  readonly queue: number;
  readonly maxBodyBytes: number;
  /** Processes that share the rate and the connections. */
  readonly workers: number;
  readonly budget: ByteBudget;
  readonly deadlines: Deadlines;
  readonly writes: RecentWrites;
  readonly thread: CompareThread;
  /** Told when copies to a side are given up for a while, or go on. */
  readonly onBreaker: (change: { readonly side: Side; readonly open: boolean }) => void;
}

/** The copies of one migration, with connections that nobody else uses. */
export interface MigrationCopies {
  /** A new copy, to be used as a tap; `undefined` where there is no room for it or no use in it, which is counted. */
  begin(facts: CopyFacts): Copy | undefined;
  /** What the comparing thread asks for. */
  onWish(copy: Copy, wish: keyof Wishes): void;
  /** @param now milliseconds since 1970 */
  tick(now: number): void;
  state(): CopiesState;
  /** Drops everything at once. */
  stop(): void;
}

export interface CopiesState {
  readonly waiting: number;
  readonly asking: number;
  /** Differences that will be looked at again. */
  readonly held: number;
  readonly breakers: Readonly<Record<Side, 'closed' | 'open'>>;
}

/**
 * How long a pair that is not the same waits until it is asked whether a write was near: other workers tell of their writes
 * in batches. Milliseconds.
 */
const settleMs = 300;
/** Of the differences, so many a second have the primary asked again. */
const differedRate = 5;
/** A key that is written again and again is looked at so often, each time after twice the lag of the last. */
const mostLooks = 5;
/** And so much later: the values of slow clocks have moved on by then. Milliseconds. */
const differedAfterMs = 1_500;
/** Copies that leave the queue in one turn of the event loop; clients wait for what comes after it. */
const turnCopies = 8;

export function createMigrationCopies(options: MigrationCopiesOptions): MigrationCopies {
  const { name, migration, budget, writes, thread, workers } = options;
  const { shadow } = migration;
  const maxAsking = Math.max(1, Math.ceil(shadow.maxConnections / workers));
  const waiting = createFifo<Copy>();
  const settling = createFifo<Copy>();
  /** One for each look, as each list has one delay. */
  const rechecking = Array.from({ length: mostLooks }, () => createFifo<Copy>());
  const differing = createFifo<Copy>();
  const rate = createTokenBucket(Math.max(1, shadow.rate / workers));
  const differed = createTokenBucket(differedRate);
  const pools: Readonly<Record<Side, LegPool>> = { monolith: pool('monolith'), service: pool('service') };
  const lists = (): readonly Fifo<Copy>[] => [settling, ...rechecking, differing];
  let asking = 0;
  let pumping = false;
  let planned = false;
  let stopped = false;

  const owner: CopyOwner = {
    budget,
    maxBodyBytes: options.maxBodyBytes,
    take(copy) {
      noteWrite(copy);
      if (stopped) copy.close();
      else if (waiting.size() >= options.queue) {
        rate.giveBack();
        copy.skip('queue-full');
      } else enqueue(copy);
    },
    legEnded,
    unused(copy) {
      noteWrite(copy);
      rate.giveBack();
    },
  };

  function pool(side: Side): LegPool {
    return createLegPool({
      name: `${name} copies to the ${side}`,
      upstream: {
        ...options.upstreams[side],
        maxConnections: maxAsking,
        maxWaiting: maxAsking,
        onHealth: () => options.onBreaker({ side, open: pools[side].state().addresses.every((a) => !a.in) }),
      },
      timeoutMs: shadow.timeout,
      maxAnswerBytes: options.maxBodyBytes,
      deadlines: options.deadlines,
    });
  }

  /** What is known before the exchange: a copy that will be dropped costs its bytes, and clients wait while it is made. */
  function forbids(primarySide: Side): SkipReason | undefined {
    if (pools[otherSide(primarySide)].refuses()) return 'breaker-open';
    if (waiting.size() >= options.queue) return 'queue-full';
    return rate.take() ? undefined : 'rate-cap';
  }

  function noteWrite({ facts }: Copy): void {
    if (facts.isWrite) writes.note(placeOf(facts), Date.now());
  }

  /** Legs leave in the next turn of the event loop: what clients wait for goes first. */
  function enqueue(copy: Copy): void {
    waiting.push(copy);
    plan();
  }

  function plan(): void {
    if (planned) return;
    planned = true;
    setImmediate(pump);
  }

  function pump(): void {
    planned = false;
    // A leg may end before `send` returns, and then comes back here.
    if (pumping) return;
    pumping = true;
    let taken = 0;
    while (asking < maxAsking && taken < turnCopies) {
      const copy = waiting.peek();
      if (copy === undefined) break;
      const pool = pools[askedSide(copy)];
      const refused = pool.refuses();
      if (!refused && !pool.isReady()) break;
      waiting.shift();
      taken += 1;
      if (refused) copy.skip('breaker-open');
      else ask(copy);
    }
    pumping = false;
    // What waits for a connection goes on with the next copy, with a leg that ends, or with the tick.
    if (waiting.size() > 0 && taken === turnCopies) plan();
  }

  function ask(copy: Copy): void {
    const { facts, primary } = copy;
    asking += 1;
    copy.lookedAt = Date.now();
    if (copy.againWhy === 'differed') {
      copy.legs = 1;
      send(copy, { side: facts.primarySide, purpose: 'again', expected: primary?.body });
    } else if (copy.recheck) {
      copy.legs = copy.sampled ? 3 : 2;
      send(copy, { side: facts.primarySide, purpose: 'primary', expected: undefined });
      askPair(copy, undefined);
    } else {
      const { noise } = facts.plan;
      copy.sampled = noise > 0 && isRepeatable(copy) && Math.random() * 100 < noise;
      copy.legs = copy.sampled ? 2 : 1;
      askPair(copy, primary?.body);
    }
  }

  function askPair(copy: Copy, expected: Buffer | undefined): void {
    const { primarySide } = copy.facts;
    if (copy.sampled) {
      copy.againWhy = 'sampled';
      send(copy, { side: primarySide, purpose: 'again', expected });
    }
    send(copy, { side: otherSide(primarySide), purpose: 'shadow', expected });
  }

  function send(copy: Copy, leg: LegPlan): void {
    const { id, conditional, method, target } = copy.facts;
    const { side, purpose, expected } = leg;
    // The side that answered has had the client's own credentials; with others it would answer something else.
    const credentials = purpose === 'shadow' ? shadow.credentials[side] : 'forward';
    const lines = legLines(copy.lines, { id, suffix: suffixes[purpose], credentials, conditional });
    const { requestBody: body } = copy;
    pools[side].send({ method, target, lines, body }, { expected, listener: copy, purpose });
  }

  function legEnded(copy: Copy, leg: EndedLeg): void {
    if (stopped) return;
    if (leg.purpose === 'again') copy.again = leg;
    else if (leg.purpose === 'shadow') copy.shadow = leg;
    else copy.answeredAnew = leg;
    if (leg.failure === undefined) copy.charge(leg.lines.length + (leg.asExpected ? 0 : leg.body.length));
    copy.legs -= 1;
    if (copy.legs > 0) return;
    asking -= 1;
    complete(copy);
    if (waiting.size() > 0) plan();
  }

  function complete(copy: Copy): void {
    if (copy.over) return;
    const { plan, primarySide } = copy.facts;
    const counts = plan.counts[primarySide];
    if (copy.again?.failure !== undefined) {
      copy.again = undefined;
      if (copy.againWhy === 'sampled') copy.againWhy = undefined;
    }
    const anew = copy.answeredAnew;
    if (anew !== undefined) {
      if (anew.failure !== undefined) {
        copy.skip(anew.failure === 'answer-over-size' ? 'answer-over-size' : 'primary-failed');
        return;
      }
      copy.primary = anew;
      copy.at = Date.now();
    }
    const { primary, shadow: other, again } = copy;
    if (primary === undefined || other === undefined) return;
    if (other.failure !== undefined) {
      if (other.failure === 'answer-over-size' || other.failure === 'breaker-open') copy.skip(other.failure);
      else {
        counts.shadowFailed(other.failure);
        copy.skip('shadow-failed');
      }
      return;
    }
    const { firstStatus } = copy;
    if (firstStatus !== undefined && primary.status === other.status && primary.status !== firstStatus) {
      copy.skip('gone-since');
      return;
    }
    if (copy.againWhy === 'differed') {
      // What was wanted did not come: the pair was counted already.
      if (again === undefined) copy.close();
      else thread.send(copy);
      return;
    }
    if (!copy.recheck && sameAnswer(primary, other, plan.compared)) {
      if (again === undefined || sameAnswer(primary, again, plan.compared)) {
        const noise = again !== undefined;
        counts.same({ primaryMs: primary.durationMs, shadowMs: other.durationMs, noise });
        copy.close();
        return;
      }
    }
    if (workers === 1) compare(copy);
    else hold(settling, copy, settleMs);
  }

  function compare(copy: Copy): void {
    const { facts } = copy;
    // What changes something is not asked again, however near a write was: it is one itself.
    const since = (copy.recheck ? copy.lookedAt : facts.startedAt) - shadow.lag;
    // Of the writes whose key can't be told there may always be one near. That one meets this very key at two looks
    // running is as good as out of the question; from then on only writes to its own key count.
    const isNear = writes[copy.looks < 2 ? 'near' : 'nearKey'](placeOf(facts), since);
    // The two sides had one status at first and have two now: something was written since, whoever told of it.
    const { firstStatus, primary, shadow: other } = copy;
    const parted = firstStatus !== undefined && primary?.status !== other?.status;
    copy.nearWrite = isRepeatable(copy) && (isNear || (parted && copy.looks < mostLooks));
    thread.send(copy);
  }

  /** Each list has one delay, so what came first is due first. */
  function hold(list: Fifo<Copy>, copy: Copy, delayMs: number): void {
    copy.dueAt = Date.now() + delayMs;
    if (list.size() >= options.queue) copy.skip('queue-full');
    else list.push(copy);
  }

  function release(list: Fifo<Copy>, now: number, next: (copy: Copy) => void): void {
    for (let copy = list.peek(); copy !== undefined && copy.dueAt <= now; copy = list.peek()) {
      list.shift();
      if (!copy.over) next(copy);
    }
  }

  function recheck(copy: Copy): void {
    const list = rechecking[copy.looks];
    if (list === undefined) {
      copy.skip('always-written');
      return;
    }
    // Both answered 200 and differed, and both answer 401 now: that says nothing of how they differed.
    const { primary, shadow: other } = copy;
    if (!copy.recheck && primary?.status === other?.status) copy.firstStatus = primary?.status;
    copy.forgetAnswers();
    copy.recheck = true;
    hold(list, copy, shadow.lag * 2 ** copy.looks);
    copy.looks += 1;
  }

  function askAnew(copy: Copy): void {
    if (waiting.size() < options.queue) enqueue(copy);
    else copy.skip('queue-full');
  }

  function askPrimary(copy: Copy): void {
    if (waiting.size() < options.queue) enqueue(copy);
    else copy.close();
  }

  return {
    begin(facts) {
      const reason = forbids(facts.primarySide);
      if (reason === undefined) return new Copy(owner, facts);
      facts.plan.counts[facts.primarySide].skip(reason);
      return undefined;
    },
    onWish(copy, wish) {
      if (stopped) copy.close();
      else if (wish === 'recheck') {
        recheck(copy);
      } else if (!isRepeatable(copy) || !differed.take() || differing.size() >= options.queue) {
        copy.close();
      } else {
        copy.againWhy = 'differed';
        hold(differing, copy, differedAfterMs);
      }
    },
    tick(now) {
      if (waiting.size() > 0) plan();
      release(settling, now, compare);
      for (const list of rechecking) release(list, now, askAnew);
      release(differing, now, askPrimary);
    },
    state: () => ({
      waiting: waiting.size(),
      asking,
      held: lists().reduce((sum, list) => sum + list.size(), 0),
      breakers: { monolith: breakerOf(pools.monolith), service: breakerOf(pools.service) },
    }),
    stop() {
      stopped = true;
      for (const side of ['monolith', 'service'] as const) pools[side].destroy();
      for (const list of [waiting, ...lists()]) for (const copy of list.clear()) copy.close();
    },
  };
}

interface LegPlan {
  readonly side: Side;
  readonly purpose: keyof typeof suffixes;
  /** The body that is likely to come. */
  readonly expected: Buffer | undefined;
}

/** The side without whose answer a copy comes to nothing. */
function askedSide({ againWhy, facts: { primarySide } }: Copy): Side {
  return againWhy === 'differed' ? primarySide : otherSide(primarySide);
}

const suffixes = { shadow: '-shadow', again: '-again', primary: '-anew' } as const;
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What changes nothing may be asked more than once. */
function isRepeatable({ facts }: Copy): boolean {
  return repeatable.has(facts.method);
}

export function otherSide(side: Side): Side {
  return side === 'monolith' ? 'service' : 'monolith';
}

function placeOf({ plan, key }: CopyFacts): { migration: string; space: string; key: string | undefined } {
  return { migration: plan.migration, space: key === undefined ? '' : plan.keySpace, key };
}

function breakerOf(pool: LegPool): 'closed' | 'open' {
  return pool.state().addresses.every((address) => !address.in) ? 'open' : 'closed';
}
