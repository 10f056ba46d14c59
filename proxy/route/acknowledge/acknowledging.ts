import type { Side } from '#flags/stages.ts';
import type { AnswerHold } from '#proxy/http/answer-hold.types.ts';
import type { HeaderLines } from '#proxy/http/seam.ts';
import { bucketOf, summarise } from '#shared/telemetry/latency-histogram.ts';
import type {
  AcknowledgeAnswer,
  AcknowledgeQuestion,
  AcknowledgeStatus,
  DegradedReason,
} from './acknowledge.types.ts';
import { acknowledgeBreaker } from './breaker.ts';
import { createQuestions } from './questions.ts';

/** Says on the answer to a write whether `both` sides have it, or the `owner` alone. */
export const acknowledgedHeader = 'banyan-acknowledged';

export interface WrittenOn {
  readonly migration: string;
  /** The side that took the write. */
  readonly on: Side;
  /** Whether the answer may wait. */
  readonly hasRoom: boolean;
}

/** Holds the answers to writes until both sides have them, in one process. */
export interface Acknowledging {
  /** Whether the answers to this migration's writes wait at all. */
  covers(migration: string): boolean;
  /** @param settle see `HoldAnswer` */
  hold(write: WrittenOn, settle: (lines: HeaderLines) => void): AnswerHold | undefined;
  answered(answer: AcknowledgeAnswer): void;
  /** The process ends: no answer is held longer than this from now on, in milliseconds. */
  endWithin(ms: number): void;
  status(): Readonly<Record<string, AcknowledgeStatus>>;
}

/** Told as it happens, for the log. */
export type AcknowledgeEvent =
  | { readonly kind: 'breaker-open' | 'breaker-closed'; readonly migration: string }
  | { readonly kind: 'degraded'; readonly migration: string; readonly reason: DegradedReason };

export interface AcknowledgingOptions {
  /** Milliseconds that answers are held at most, by migration; those that are not named are not held. */
  readonly within: Readonly<Record<string, number>>;
  /** Asks the mover. False where there is none. */
  readonly ask: (question: AcknowledgeQuestion) => boolean;
  readonly onEvent?: ((event: AcknowledgeEvent) => void) | undefined;
}

export function createAcknowledging({ within, ask, onEvent }: AcknowledgingOptions): Acknowledging {
  const now = (): number => performance.now();
  const questions = createQuestions(ask);
  const books = new Map(Object.entries(within).map(([name, ms]) => [name, bookOf(ms, now)]));
  const waiting = new Set<(degraded: DegradedReason) => void>();

  return {
    covers: (migration) => books.has(migration),
    hold({ migration, on, hasRoom }, settle) {
      const book = books.get(migration);
      if (book === undefined) return undefined;
      const { withinMs, breaker } = book;
      const since = now();

      const heard = (degraded: DegradedReason | undefined): void => {
        if (degraded === 'late' && breaker.late()) onEvent?.({ kind: 'breaker-open', migration });
        if (degraded === undefined && breaker.reached()) onEvent?.({ kind: 'breaker-closed', migration });
      };
      const settled = (degraded: DegradedReason | undefined): void => {
        if (degraded === undefined) {
          book.both += 1;
          const bucket = bucketOf(now() - since);
          book.held.set(bucket, (book.held.get(bucket) ?? 0) + 1);
        } else {
          book.degraded.set(degraded, (book.degraded.get(degraded) ?? 0) + 1);
          onEvent?.({ kind: 'degraded', migration, reason: degraded });
        }
        settle([[acknowledgedHeader, degraded === undefined ? 'both' : 'owner']]);
      };

      if (breaker.isOpen) {
        // Rides on this write, which does not wait for it.
        if (breaker.mayProbe()) questions.ask({ migration, on, withinMs }, heard);
        settled('breaker-open');
        return noHold;
      }
      if (!hasRoom) {
        settled('crowded');
        return noHold;
      }
      const finish = (degraded: DegradedReason | undefined): void => {
        stop();
        heard(degraded);
        settled(degraded);
      };
      const forget = questions.ask({ migration, on, withinMs }, finish);
      const timer = setTimeout(() => finish('late'), withinMs);
      const stop = (): void => {
        clearTimeout(timer);
        forget();
        book.waiting -= 1;
        waiting.delete(finish);
      };
      book.waiting += 1;
      waiting.add(finish);
      return {
        leave() {
          stop();
          book.left += 1;
        },
        crowd: () => finish('crowded'),
      };
    },
    answered: (answer) => questions.answered(answer),
    endWithin(ms) {
      setTimeout(() => {
        for (const finish of Array.from(waiting)) finish('draining');
      }, ms).unref();
    },
    status: () =>
      Object.fromEntries(
        Array.from(books, ([migration, book]): [string, AcknowledgeStatus] => [
          migration,
          {
            withinMs: book.withinMs,
            breaker: book.breaker.isOpen ? 'open' : 'closed',
            waiting: book.waiting,
            both: book.both,
            heldMs: summarise([...book.held].toSorted(([a], [b]) => a - b)),
            degraded: Object.fromEntries(book.degraded),
            left: book.left,
          },
        ]),
      ),
  };
}

const noHold: AnswerHold = { leave: () => undefined, crowd: () => undefined };

function bookOf(withinMs: number, now: () => number) {
  return {
    withinMs,
    breaker: acknowledgeBreaker(now),
    waiting: 0,
    both: 0,
    left: 0,
    degraded: new Map<DegradedReason, number>(),
    /** By bucket of the histogram, whose number is bounded. */
    held: new Map<number, number>(),
  };
}
