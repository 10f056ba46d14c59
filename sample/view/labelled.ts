import { columnsOf, part, wrapped, type Line, type Part } from './line.ts';

const labelWidth = 11;

/** What a line is about; every line begins with one, be it empty. */
export function label(text: string): Part {
  return part(` ${text.padEnd(labelWidth)}`, 'dim');
}

/** A text behind a line where there is room for it, else in rows of its own. */
export function withText(line: Line, text: string | undefined, columns: number): Line[] {
  if (text === undefined) return [line];
  const left = columns - line.reduce((sum, { text: shown }) => sum + columnsOf(shown), 0);
  if (columnsOf(text) + 2 <= left) return [[...line, part(`: ${text}`)]];
  return [[...line, part(':')], ...textLines(text, columns)];
}

const mostTextRows = 4;

function textLines(text: string, columns: number): Line[] {
  const indent = label('');
  const rows = wrapped(text, columns - columnsOf(indent.text));
  return rows.slice(0, mostTextRows).map((row) => [indent, part(row)]);
}
