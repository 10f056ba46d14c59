import type { Request } from './request-parser.ts';
import type { ResponseHead } from './response-parser.ts';
import type { Tap, TappedEnd } from './seam.ts';

/** Tells a tap of one exchange, without ever letting it hurt the exchange: one that threw is told no more. */
export class Tapping {
  #tap: Tap | undefined;
  /** When the request was first sent; 0 before. */
  #sentAt = 0;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  /** The request leaves; told the first time alone. @param lines header lines as they go upstream */
  request(request: Request, lines: string, body: Buffer | undefined): void {
    if (this.#sentAt !== 0) return;
    this.#sentAt = performance.now();
    const { method, target, framing, contentLength } = request;
    const hasBody = framing !== 'none';
    const announced = framing === 'chunked' ? -1 : contentLength;
    this.#tell((tap) => tap.onRequest({ method, target, lines, hasBody, contentLength: announced }, body));
  }

  requestBody(body: Buffer | undefined): void {
    if (body !== undefined) this.#tell((tap) => tap.onRequestBody(body));
  }

  answer(head: ResponseHead, body: Buffer | undefined): void {
    this.#tell((tap) => tap.onAnswer(head, body));
  }

  answerBody(body: Buffer | undefined): void {
    if (body !== undefined) this.#tell((tap) => tap.onAnswerBody(body));
  }

  /** @param status what the client got; with a failure, 499 where it left; 101 where the exchange became a tunnel */
  end(status: number, failed: boolean): void {
    const outcome = outcomeOf(status, failed);
    const durationMs = this.#sentAt === 0 ? 0 : performance.now() - this.#sentAt;
    this.#tell((tap) => tap.onEnd({ outcome, durationMs }));
  }

  #tell(call: (tap: Tap) => void): void {
    if (this.#tap === undefined) return;
    try {
      call(this.#tap);
    } catch {
      this.#tap = undefined;
    }
  }
}

function outcomeOf(status: number, failed: boolean): TappedEnd['outcome'] {
  if (failed) return status === 499 ? 'client-left' : 'failed';
  return status === 101 ? 'tunnel' : 'answered';
}
