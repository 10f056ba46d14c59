import { expect, test } from '@jest/globals';
import { printable } from '#shared/errors/printable.ts';

test.each([
  ['plain text, “quotes”, ü, 樹 and 🌳', 'plain text, “quotes”, ü, 樹 and 🌳'],
  ['one\ntwo\r\nthree\tfour', String.raw`one\ntwo\r\nthree\tfour`],
  ['\u001b[31mred\u0000\u007f\u009b', String.raw`\u001b[31mred\u0000\u007f\u009b`],
  [
    'line\u2028separator, turned \u202e round, \ufeffmarked',
    String.raw`line\u2028separator, turned \u202e round, \ufeffmarked`,
  ],
  ['half a \ud83c pair, a \u{e0041} tag', String.raw`half a \ud83c pair, a \udb40\udc41 tag`],
])('%j cannot break a line or steer a terminal', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
