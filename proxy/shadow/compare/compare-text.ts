import { createHash } from 'node:crypto';

const linesShown = 5;
const charactersShown = 400;

/** Texts are equal if their lines are, however these end. */
export function sameText(primary: string, shadow: string): boolean {
  return primary === shadow || withPlainEnds(primary) === withPlainEnds(shadow);
}

/** The lines from the first that differs to the last, cut: what a reader needs to see of two texts. */
export function excerpts(primary: string, shadow: string): readonly [string, string] {
  const [one, other] = [withPlainEnds(primary).split('\n'), withPlainEnds(shadow).split('\n')];
  const shorter = Math.min(one.length, other.length);
  let first = 0;
  while (first < shorter && one[first] === other[first]) first += 1;
  let tail = 0;
  while (tail < shorter - first && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const show = (lines: readonly string[]): string => {
    const part = lines.slice(first, Math.max(first, lines.length - tail));
    const more = part.length > linesShown ? `\n… ${part.length - linesShown} more lines` : '';
    const text = part.slice(0, linesShown).join('\n');
    const cut = text.length > charactersShown ? `${text.slice(0, charactersShown)}…` : text;
    return `line ${first + 1}: ${cut}${more}`;
  };
  return [show(one), show(other)];
}

/** What tells two runs of bytes apart, without showing them. */
export function describeBytes(primary: Uint8Array, shadow: Uint8Array): readonly [string, string] {
  const shorter = Math.min(primary.length, shadow.length);
  let first = 0;
  while (first < shorter && primary[first] === shadow[first]) first += 1;
  const describe = (bytes: Uint8Array): string =>
    `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}…, differs at ${first}`;
  return [describe(primary), describe(shadow)];
}

function withPlainEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
