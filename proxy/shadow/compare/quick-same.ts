import type { HeaderLines } from '#proxy/http/seam.ts';
import type { LegAnswer } from '../pair.types.ts';
import type { HeaderChoice } from './header-choice.ts';

/**
 * Whether two answers are equal at first sight: status, bytes of the body, and the chosen headers in the sequence they
 * came in. Cheap enough for the thread that serves; `false` says only that a closer look is needed.
 */
export function quickSame(primary: LegAnswer, shadow: LegAnswer, choice: HeaderChoice): boolean {
  return (
    primary.status === shadow.status &&
    primary.body.length === shadow.body.length &&
    sameHeaders(primary.headers, shadow.headers, choice) &&
    Buffer.compare(primary.body, shadow.body) === 0
  );
}

function sameHeaders(primary: HeaderLines, shadow: HeaderLines, choice: HeaderChoice): boolean {
  let other = 0;
  for (const line of primary) {
    if (!counts(line[0], choice)) continue;
    let match = shadow[other];
    while (match !== undefined && !counts(match[0], choice)) match = shadow[(other += 1)];
    if (match === undefined || match[0] !== line[0] || match[1] !== line[1]) return false;
    other += 1;
  }
  for (; other < shadow.length; other += 1) {
    const more = shadow[other];
    if (more !== undefined && counts(more[0], choice)) return false;
  }
  return true;
}

/** The coding of a body says what its bytes mean, whether or not it is compared as a header. */
function counts(name: string, choice: HeaderChoice): boolean {
  return choice.has(name) || name === 'content-encoding';
}
