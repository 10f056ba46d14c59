import type { Side } from '#flags/stages.ts';
import { GatheredBytes } from '#proxy/http/gathered-bytes.ts';
import type { EndedLeg, LegListener } from '#proxy/http/extra-leg.ts';
import type { Tap, TappedAnswer, TappedEnd, TappedRequest } from '#proxy/http/seam.ts';
import type { SkipReason } from '../delta.types.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { RoutePlan } from './route-plan.ts';
import type { QuickAnswer } from './same-answer.ts';

/** Who takes copies when their exchanges have ended. */
export interface CopyOwner {
  readonly budget: ByteBudget;
  /** Bytes of a body that is copied. */
  readonly maxBodyBytes: number;
  /** The exchange ended well and is wholly copied. */
  take(copy: Copy): void;
  legEnded(copy: Copy, leg: EndedLeg): void;
  /** The copy came to nothing before any leg of it was sent. */
  unused(copy: Copy): void;
}

export interface CopyFacts {
  readonly plan: RoutePlan;
  readonly key: string | undefined;
  /** The side that the client's request goes to. */
  readonly primarySide: Side;
  readonly id: string;
  /** Whether it changes something, so that it is asked no more often than it must. */
  readonly isWrite: boolean;
  readonly method: string;
  readonly target: string;
  /** The client named what it has already (`If-None-Match` …). */
  readonly conditional: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** An answer as a pair has it. */
export interface CopiedAnswer extends QuickAnswer {
  readonly durationMs: number;
}

const nothing = Buffer.alloc(0);
const reasons = {
  failed: 'primary-failed',
  'client-left': 'client-left',
} as const satisfies Partial<Record<TappedEnd['outcome'], SkipReason>>;

/**
 * One request on its way through the comparer. First it gathers, as a tap, what the client's exchange sends and gets; then
 * it waits for its legs; then it is a pair. It gives up at the first reason to, which is counted, and lets go of all bytes.
 */
export class Copy implements Tap, LegListener {
  readonly facts: CopyFacts;
  lines = '';
  requestBody: Buffer | undefined;
  primary: CopiedAnswer | undefined;
  shadow: EndedLeg | undefined;
  again: EndedLeg | undefined;
  /** The primary's answer at the later look. */
  answeredAnew: EndedLeg | undefined;
  againWhy: 'sampled' | 'differed' | undefined;
  recheck = false;
  /** Whether it was chosen to measure noise as well. */
  sampled = false;
  /** With what both sides answered at the first look, where it was the same. */
  firstStatus: number | undefined;
  /** Later looks at both sides so far. */
  looks = 0;
  /** When its legs left; milliseconds since 1970. */
  lookedAt = 0;
  /** Whether a write was so near that the two sides may have answered from different times. */
  nearWrite = false;
  /** Milliseconds since 1970 at which the primary's answer was complete. */
  at = 0;
  /** Legs under way. */
  legs = 0;
  /** When it is to be looked at again; milliseconds since 1970. */
  dueAt = 0;
  readonly #owner: CopyOwner;
  #charged = 0;
  #over = false;
  #request: GatheredBytes | undefined;
  #status = 0;
  #answerLines = '';
  #answer: GatheredBytes | undefined;
  /** Of the answer's body, what was charged before it came. */
  #ahead = 0;

  constructor(owner: CopyOwner, facts: CopyFacts) {
    this.#owner = owner;
    this.facts = facts;
  }

  /** Whether it gave up, or is done with. */
  get over(): boolean {
    return this.#over;
  }

  onRequest(request: TappedRequest, body: Buffer | undefined): void {
    this.lines = request.lines;
    if (request.contentLength > this.#owner.maxBodyBytes) {
      this.skip('request-over-size');
      return;
    }
    if (!this.charge(request.lines.length) || !request.hasBody) return;
    this.#request = new GatheredBytes(request.contentLength);
    if (body !== undefined) this.onRequestBody(body);
  }

  onRequestBody(body: Buffer): void {
    if (this.#over || this.#request === undefined) return;
    if (this.#request.length + body.length > this.#owner.maxBodyBytes) this.skip('request-over-size');
    else if (this.charge(body.length)) this.#request.add(body);
  }

  onAnswer(answer: TappedAnswer, body: Buffer | undefined): void {
    if (this.#over) return;
    const { status, lines, contentLength } = answer;
    this.#status = status;
    this.#answerLines = lines;
    if (!this.charge(lines.length) || this.facts.method === 'HEAD') return;
    if (contentLength > this.#owner.maxBodyBytes) {
      this.skip('answer-over-size');
      return;
    }
    if (contentLength > 0) {
      // Room for the whole body where its length is known, and then it is copied once.
      if (!this.charge(contentLength)) return;
      this.#ahead = contentLength;
    }
    this.#answer = new GatheredBytes(contentLength);
    if (body !== undefined) this.onAnswerBody(body);
  }

  onAnswerBody(body: Buffer): void {
    const answer = this.#answer;
    if (this.#over || answer === undefined) return;
    if (answer.length + body.length > this.#owner.maxBodyBytes) this.skip('answer-over-size');
    else if (this.#ahead > 0 || this.charge(body.length)) answer.add(body);
  }

  onEnd(end: TappedEnd): void {
    if (this.#over) return;
    if (end.outcome === 'tunnel') {
      this.facts.plan.counts[this.facts.primarySide].notEligible();
      this.#giveUp();
    } else if (end.outcome !== 'answered') {
      this.skip(reasons[end.outcome]);
    } else if (this.facts.conditional && (this.#status === 304 || this.#status === 412)) {
      this.skip('conditional');
    } else {
      this.at = Date.now();
      this.primary = {
        status: this.#status,
        lines: this.#answerLines,
        body: this.#answer?.whole() ?? nothing,
        durationMs: end.durationMs,
      };
      this.requestBody = this.#request?.whole();
      this.#answer = undefined;
      this.#request = undefined;
      this.#owner.take(this);
    }
  }

  onLegEnd(leg: EndedLeg): void {
    this.#owner.legEnded(this, leg);
  }

  /** Counts why there will be no pair. */
  skip(reason: SkipReason): void {
    if (this.#over) return;
    // A pair that comes a second time was counted before.
    if (this.againWhy !== 'differed') this.facts.plan.counts[this.facts.primarySide].skip(reason);
    this.#giveUp();
  }

  /** Holds so many bytes more, or gives up. */
  charge(bytes: number): boolean {
    if (this.#over || !this.#owner.budget.charge(bytes)) {
      this.skip('queue-full');
      return false;
    }
    this.#charged += bytes;
    return true;
  }

  /** Lets go of both answers, and keeps what is needed to ask anew. */
  forgetAnswers(): void {
    this.primary = undefined;
    this.shadow = undefined;
    this.again = undefined;
    this.againWhy = undefined;
    const kept = this.lines.length + (this.requestBody?.length ?? 0);
    this.#owner.budget.release(this.#charged - kept);
    this.#charged = kept;
  }

  /** The pair is done with, or dropped. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.budget.release(this.#charged);
    this.#charged = 0;
    this.#answer = undefined;
    this.#request = undefined;
  }

  #giveUp(): void {
    const unused = this.primary === undefined && !this.recheck;
    this.close();
    if (unused) this.#owner.unused(this);
  }
}
