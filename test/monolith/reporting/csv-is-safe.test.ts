import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { csv } from '#monolith/reporting/csv.ts';

const cell = (text: string): string => csv(['h'], [[text]]).slice('h\r\n'.length, -2);

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  [' padded ', '" padded "'],
  ['1-2', '1-2'],
  ['me@example.com', 'me@example.com'],
])('%j is written %j', (text, written) => {
  expect(cell(text)).toBe(written);
});

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  ' =1',
  '\r1',
  '\n1',
  '＝1',
  '＋1',
  '－1',
  '＠x',
  '=a,"b"',
])('what a spreadsheet would run is only shown: %j', (text) => {
  expect(cell(text)).toBe(`"'${text.replaceAll('"', '""')}"`);
});

test('numbers are ours, also negative ones', () => {
  expect(csv(['a', 'b'], [[-1, 2]])).toBe('a,b\r\n-1,2\r\n');
});

test('whatever the text, it comes back as it was, or behind an apostrophe', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.array(
          fc.string({
            unit: fc.constantFrom('=', '+', '-', '@', '＝', ',', '"', "'", '\r', '\n', '\t', ' ', 'a', '☕'),
          }),
          {
            minLength: 2,
            maxLength: 2,
          },
        ),
      ),
      (rows) => {
        const back = parseCsv(csv(['a', 'b'], rows)).slice(1);
        expect(back.length).toBe(rows.length);
        for (const [at, row] of rows.entries()) {
          for (const [column, text] of row.entries())
            expect([text, `'${text}`]).toContain(back[at]?.[column]);
        }
      },
    ),
  );
});

/** RFC 4180, read by hand: fields, quoted or not, up to a comma or CRLF. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
