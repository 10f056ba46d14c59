import type { ComparedHeaders } from './route-plan.ts';

/** What of an answer is compared at once, without looking into its body. */
export interface QuickAnswer {
  readonly status: number;
  /** Header lines, each with its CR LF. */
  readonly lines: string;
  readonly body: Buffer;
}

/**
 * Whether two answers are the same without any reading of them: status, the compared headers in their sequence, and every
 * byte of the body. Nearly all pairs end here, and cost next to nothing.
 * @param compared names in lower case
 */
export function sameAnswer(a: QuickAnswer, b: QuickAnswer, compared: ComparedHeaders): boolean {
  if (a.status !== b.status) return false;
  if (a.body !== b.body && !a.body.equals(b.body)) return false;
  return a.lines === b.lines || comparedLines(a.lines, compared) === comparedLines(b.lines, compared);
}

/** The lines whose headers are compared, in their sequence, names in lower case. */
export function comparedLines(lines: string, compared: ComparedHeaders): string {
  let chosen = '';
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    const name = lines.slice(at, colon).toLowerCase();
    if (compared.has(name)) chosen += `${name}${lines.slice(colon, end + 2)}`;
    at = end + 2;
  }
  return chosen;
}
