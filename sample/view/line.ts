/** Colours of a part of a line, by meaning. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'bad' | 'warn' | 'monolith' | 'service';

export interface Part {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Part[];

const codes: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  strong: '1',
  good: '32',
  bad: '1;31',
  warn: '33',
  monolith: '36',
  service: '35',
};

export function part(text: string, tone: Tone = 'plain'): Part {
  return { text, tone };
}

/**
 * One line for the terminal, never wider than `width` columns. Control characters become spaces: what a process said, or
 * a file holds, must not move the cursor.
 */
export function renderLine(
  line: Line,
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  let left = width;
  let out = '';
  for (const { text, tone } of line) {
    const shown = cut(text.replace(/\p{Cc}+/gu, ' '), left);
    const code = color ? codes[tone] : '';
    out += code === '' || shown === '' ? shown : `\u001B[${code}m${shown}\u001B[0m`;
    left -= columnsOf(shown);
  }
  return out;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
// East Asian wide and full-width characters and emoji take two columns (Unicode TR11).
const wide =
  /[\u{1100}-\u{115F}\u{2E80}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF00}-\u{FF60}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;

export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** Breaks a text at blanks, and a longer word where it must be, so that no row is wider than `width` (at least 2). */
export function wrapped(text: string, width: number): string[] {
  const rows: string[] = [];
  let row = '';
  const room = Math.max(2, width);
  for (const word of text.replace(/\p{Cc}+/gu, ' ').split(/ +/)) {
    if (row !== '' && columnsOf(row) + 1 + columnsOf(word) <= room) {
      row += ` ${word}`;
      continue;
    }
    if (row !== '') rows.push(row);
    row = '';
    for (const { segment } of graphemes.segment(word)) {
      if (row !== '' && columnsOf(row) + columnsOf(segment) > room) {
        rows.push(row);
        row = '';
      }
      row += segment;
    }
  }
  return row === '' ? rows : [...rows, row];
}

function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let out = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
    columns += wide.test(segment) ? 2 : 1;
    if (columns > width - 1) break;
    out += segment;
  }
  return width <= 0 ? '' : `${out}…`;
}
