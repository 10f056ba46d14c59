import type { HeaderLines, Outcome } from './seam.ts';

/** An answer that has come, and may have to wait. */
export interface AnswerInHand extends Outcome {
  /** Whether it may be held: there is a bound on how many are, and on their bytes. */
  readonly hasRoom: boolean;
}

/**
 * Holds an answer back, or not.
 * @param settle lets it go to the client, with these headers added; called once, at the latest after a bounded time, perhaps
 * before this returns
 * @returns `undefined` where the answer goes as it is and `settle` is never called
 */
export type HoldAnswer = (
  answer: AnswerInHand,
  settle: (lines: HeaderLines) => void,
) => AnswerHold | undefined;

/** One answer that is held. Nothing is called after it was settled. */
export interface AnswerHold {
  /** The client left; nobody waits for it any more. */
  leave(): void;
  /** Its body has no more room: it is to be settled before this returns. */
  crowd(): void;
}
