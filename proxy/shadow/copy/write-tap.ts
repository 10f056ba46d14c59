import type { Tap } from '#proxy/http/seam.ts';

const ignore = (): void => {};

/** Hears of the end of a write, and of nothing else. */
export function writeTap(onEnd: () => void): Tap {
  return { onRequest: ignore, onRequestBody: ignore, onAnswer: ignore, onAnswerBody: ignore, onEnd };
}
