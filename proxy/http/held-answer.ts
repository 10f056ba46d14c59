import type { AnswerHold, HoldAnswer } from './answer-hold.types.ts';
import type { HeldRequests } from './held-requests.ts';
import { checkedLines } from './message-writer.ts';
import type { Outcome } from './seam.ts';

/**
 * The answer may go.
 * @param lines header lines to be added
 * @param body what came of its body
 * @param last whether that is all of it
 */
export type Release = (lines: string, body: Buffer | undefined, last: boolean) => void;

export interface HeldAnswerOptions {
  readonly hold: HoldAnswer;
  readonly outcome: Outcome;
  readonly held: HeldRequests;
  readonly release: Release;
}

/** An answer that waits until somebody says that it may go; what comes of its body meanwhile is kept, within bounds. */
export class HeldAnswer {
  readonly #options: HeldAnswerOptions;
  #hold: AnswerHold | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;
  #last = false;
  #entered = false;
  #state: 'asking' | 'waiting' | 'over' = 'asking';

  constructor(options: HeldAnswerOptions) {
    this.#options = options;
  }

  /**
   * Asks whether it waits.
   * @param body lent
   * @returns false where it does not: it was released before this returns
   */
  begin(body: Buffer | undefined, last: boolean): boolean {
    const { hold, outcome, held } = this.#options;
    this.#entered = held.enter();
    const hasRoom = this.#entered && this.#keepRoom(body);
    let lines: string | undefined;
    let taken: AnswerHold | undefined;
    try {
      taken = hold({ ...outcome, hasRoom }, (more) => {
        if (this.#state === 'asking') lines = textOf(more);
        else this.#release(textOf(more));
      });
    } catch {
      // The answer must go out.
    }
    if (taken === undefined || lines !== undefined) {
      this.#over();
      this.#options.release(lines ?? '', body, last);
      return false;
    }
    this.#state = 'waiting';
    this.#hold = taken;
    this.#last = last;
    if (body !== undefined) this.#parts.push(Buffer.from(body));
    return true;
  }

  /** More of the body; where there is no room for it, the answer goes now. @param body lent */
  add(body: Buffer | undefined, last: boolean): void {
    this.#last = last;
    const fits = this.#keepRoom(body);
    if (body !== undefined) this.#parts.push(Buffer.from(body));
    if (!fits) this.#hold?.crowd();
  }

  /** Nobody waits for the answer any more. */
  leave(): void {
    if (this.#state !== 'waiting') return;
    this.#over();
    this.#hold?.leave();
  }

  #keepRoom(body: Buffer | undefined): boolean {
    const bytes = body?.length ?? 0;
    if (!this.#options.held.keep(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  #release(lines: string): void {
    if (this.#state !== 'waiting') return;
    const parts = this.#parts;
    this.#over();
    const body = parts.length < 2 ? parts[0] : Buffer.concat(parts);
    this.#options.release(lines, body, this.#last);
  }

  #over(): void {
    const { held } = this.#options;
    this.#state = 'over';
    this.#parts = [];
    held.release(this.#bytes);
    this.#bytes = 0;
    if (this.#entered) held.leave();
    this.#entered = false;
  }
}

function textOf(lines: Parameters<Parameters<HoldAnswer>[1]>[0]): string {
  try {
    return checkedLines(lines);
  } catch {
    return '';
  }
}
