import type { Tap, TappedAnswer, TappedEnd, TappedRequest } from './seam.ts';

// Tells a tap without ever letting it hurt the exchange. Each returns the tap to tell next time: none once it threw.

export function tapRequest(tap: Tap, request: TappedRequest, body: Buffer | undefined): Tap | undefined {
  try {
    tap.onRequest(request, body);
    return tap;
  } catch {
    return undefined;
  }
}

export function tapRequestBody(tap: Tap, body: Buffer): Tap | undefined {
  try {
    tap.onRequestBody(body);
    return tap;
  } catch {
    return undefined;
  }
}

export function tapAnswer(tap: Tap, answer: TappedAnswer, body: Buffer | undefined): Tap | undefined {
  try {
    tap.onAnswer(answer, body);
    return tap;
  } catch {
    return undefined;
  }
}

export function tapAnswerBody(tap: Tap, body: Buffer): Tap | undefined {
  try {
    tap.onAnswerBody(body);
    return tap;
  } catch {
    return undefined;
  }
}

export function tapEnd(tap: Tap, end: TappedEnd): void {
  try {
    tap.onEnd(end);
  } catch {
    // The exchange is over; there is nobody else to tell.
  }
}

/** @param status what the client got; with a failure, 499 where it left; 101 where the exchange became a tunnel */
export function outcomeOf(status: number, failed: boolean): TappedEnd['outcome'] {
  if (failed) return status === 499 ? 'client-left' : 'failed';
  return status === 101 ? 'tunnel' : 'answered';
}
