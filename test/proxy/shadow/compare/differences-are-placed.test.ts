import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { HeaderLines } from '#proxy/http/seam.ts';
import { firstSightChoice } from '#proxy/shadow/analysis.ts';
import { sameAnswer } from '#proxy/shadow/copy/same-answer.ts';
import type { LegAnswer } from '#proxy/shadow/pair.types.ts';
import { analysisOf, at, findingsOf, json, pairOf, raw } from './pairs.ts';

const withHeaders = (...headers: HeaderLines) => raw('', { headers });

test.each([
  ['missing', { a: 1, b: 2 }, { a: 1 }, ['body $.b missing']],
  ['extra', { a: 1 }, { a: 1, b: 2 }, ['body $.b extra']],
  ['type', { a: 1 }, { a: '1' }, ['body $.a type']],
  ['null is no number', { a: null }, { a: 0 }, ['body $.a type']],
  [
    'value in a list',
    { list: [{ x: 1 }, { x: 2 }] },
    { list: [{ x: 1 }, { x: 3 }] },
    ['body $.list[*].x value'],
  ],
  ['length', [1, 2], [1, 2, 3], ['body $ length']],
  ['sequence', { list: [{ x: 1 }, { x: 2 }] }, { list: [{ x: 2 }, { x: 1 }] }, ['body $.list order']],
  ['no sequence of names', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ['names that are ids', { '4711': { a: 1 } }, { '4711': { a: 2 } }, ['body $.*.a value']],
  ['names that are addresses', { 'a@example.org': 1 }, { 'a@example.org': 2 }, ['body $.* value']],
])('JSON: %s', (_, primary, shadow, expected) => {
  expect(findingsOf(json(primary), json(shadow))).toEqual(expected);
});

test.each([
  ['status', raw('', { status: 200 }), raw('', { status: 204 }), ['status status value']],
  [
    'status of another class hides the rest',
    json({ a: 1 }),
    json({ error: 1 }, { status: 500 }),
    ['status status value'],
  ],
  ['a header', withHeaders(['location', '/a']), withHeaders(['location', '/b']), ['header location value']],
  ['a header that is gone', withHeaders(['allow', 'GET']), withHeaders(), ['header allow missing']],
  ['a clock that is not compared', withHeaders(['date', 'x']), withHeaders(['date', 'y']), []],
  [
    'repeated, one less',
    withHeaders(['vary', 'a'], ['vary', 'b']),
    withHeaders(['vary', 'a']),
    ['header vary length'],
  ],
  [
    'repeated, in sequence',
    withHeaders(['vary', 'a'], ['vary', 'b']),
    withHeaders(['vary', 'b'], ['vary', 'a']),
    ['header vary order'],
  ],
  [
    'cookies by name, not by sequence',
    withHeaders(['set-cookie', 'a=1; Path=/; Secure'], ['set-cookie', 'b=2']),
    withHeaders(['set-cookie', 'b=3'], ['set-cookie', 'a=1; Secure; Path=/']),
    ['header set-cookie.b value'],
  ],
  [
    'case of a media type',
    withHeaders(['content-type', 'text/plain; charset=UTF-8']),
    withHeaders(['content-type', 'text/plain;charset=utf-8']),
    [],
  ],
  [
    'line ends',
    raw('a\r\nb', { headers: [['content-type', 'text/plain']] }),
    raw('a\nb', { headers: [['content-type', 'text/plain']] }),
    [],
  ],
  [
    'text',
    raw('a\nb', { headers: [['content-type', 'text/plain']] }),
    raw('a\nc', { headers: [['content-type', 'text/plain']] }),
    ['body $ value'],
  ],
  ['bytes', raw(Buffer.from([255, 1])), raw(Buffer.from([255, 2])), ['body $ value']],
  ['bytes of another length', raw(Buffer.from([255, 1])), raw(Buffer.from([255])), ['body $ length']],
])('%s', (_, primary, shadow, expected) => {
  expect(findingsOf(primary, shadow)).toEqual(expected);
});

test('an excerpt shows the lines that differ', () => {
  const analysis = analysisOf();
  const text = (line: string) => raw(`first\n${line}\nlast`, { headers: [['content-type', 'text/plain']] });
  analysis.take(pairOf(text('old'), text('new')));
  expect(analysis.flush(at).findings[0]?.samples[0]).toMatchObject({
    primary: 'line 2: old',
    shadow: 'line 2: new',
  });
});

const statuses = fc.constantFrom(200, 201, 404);
const answers = fc
  .tuple(fc.jsonValue({ maxDepth: 3 }), statuses)
  .map(([value, status]) => json(JSON.stringify(value), { status }));

const compared = firstSightChoice(undefined);

function sameAtFirstSight(one: LegAnswer, other: LegAnswer): boolean {
  const [a, b] = [one, other].map(({ status, headers, body }) => ({
    status,
    lines: headers.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
    body: Buffer.from(body),
  }));
  const names = { has: (name: string) => compared.has(name) || name === 'content-encoding' };
  return a !== undefined && b !== undefined && sameAnswer(a, b, names);
}

test('an answer is the same as itself', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const copy = { ...answer, body: Buffer.concat([Buffer.from(' '), answer.body]) };
      expect(findingsOf(answer, copy)).toEqual([]);
      expect(sameAtFirstSight(answer, { ...answer, body: Buffer.from(answer.body) })).toBe(true);
    }),
  );
});

test('the same places differ whichever answer comes first', () => {
  const swapped: Readonly<Record<string, string>> = { missing: 'extra', extra: 'missing' };
  fc.assert(
    fc.property(answers, answers, (one, other) => {
      const back = findingsOf(other, one).map((title) =>
        title.replace(/missing$|extra$/, (kind) => swapped[kind] ?? kind),
      );
      expect(findingsOf(one, other).toSorted()).toEqual(back.toSorted());
    }),
  );
});

test('what is the same at first sight is the same at the second', () => {
  const headers = fc.array(
    fc.tuple(fc.constantFrom('vary', 'date', 'content-encoding', 'link'), fc.constantFrom('a', 'b')),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(headers, headers, fc.constantFrom('x', 'y'), (one, other, body) => {
      const pair = [
        withHeaders(...one),
        { ...withHeaders(...other), body: Buffer.from(body === 'x' ? '' : 'y') },
      ] as const;
      if (sameAtFirstSight(...pair)) expect(findingsOf(...pair)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
  expect(
    sameAtFirstSight(withHeaders(['vary', 'a'], ['date', '1']), withHeaders(['date', '2'], ['vary', 'a'])),
  ).toBe(true);
  expect(sameAtFirstSight(withHeaders(['vary', 'a']), withHeaders(['vary', 'a'], ['vary', 'b']))).toBe(false);
});
