import type { Answer } from './world.ts';

/** The statuses of requests that ran at once, in rising order: which of them won does not matter. */
export function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map(({ status }) => status).toSorted((a, b) => a - b);
}
