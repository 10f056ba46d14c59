import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { LegAnswer } from '#proxy/shadow/pair.types.ts';
import { analysisOf, at, findingsOf, json, pairOf, raw, titleOf } from './pairs.ts';

const good = json({ a: 1 });

function coded(body: Uint8Array, coding: string): LegAnswer {
  return json('', {
    body,
    headers: [
      ['content-type', 'application/json'],
      ['content-encoding', coding],
    ],
  });
}

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br, gzip', (body: Uint8Array) => gzipSync(brotliCompressSync(body))],
])('a body in %s is compared by what is in it', (coding, encode) => {
  expect(findingsOf(good, coded(encode(Buffer.from('{"a":1.0}')), coding))).toEqual([]);
  expect(findingsOf(good, coded(encode(Buffer.from('{"a":2}')), coding))).toEqual(['body $.a value']);
});

test.each([
  ['a gzip bomb', coded(gzipSync(Buffer.alloc(32 * 1_048_576)), 'gzip'), 'inflates-too-far'],
  ['a coding that nobody knows', coded(Buffer.from('x'), 'zip'), 'unknown-coding'],
  ['codings without end', coded(Buffer.from('x'), 'gzip, gzip, gzip, gzip'), 'too-many-codings'],
  ['a broken coding', coded(Buffer.from('{"a":1}'), 'gzip'), 'broken-coding'],
  ['nesting of 100,000', json('['.repeat(100_000)), 'too-deep'],
  ['values without end', json(`[${'1,'.repeat(250_000)}1]`), 'too-many-values'],
])('%s is undecodable, and says why', (_, bad, why) => {
  const analysis = analysisOf();
  expect(analysis.take(pairOf(good, bad))).toBe('different');
  const [finding] = analysis.flush(at).findings;
  expect(finding).toMatchObject({ place: 'body', path: '$', kind: 'undecodable' });
  expect(finding?.samples[0]?.shadow).toBe(`undecodable: ${why}`);
  // Where neither can be read, nothing is known: a gap in the coverage.
  expect(analysis.take(pairOf(json('[['.repeat(100_000)), bad))).toBe('undecodable');
  expect(analysis.flush(at).routes[0]).toMatchObject({ compared: 0, skipped: { undecodable: 1 } });
});

test.each([
  ['invalid JSON', '{"a":1', 'text (invalid-json)'],
  ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'bytes (invalid-utf8)'],
])('%s under a type that says JSON is a lie, and is told', (_, body, form) => {
  const analysis = analysisOf();
  const lying = json('', { body: Buffer.from(body) });
  analysis.take(pairOf(good, lying));
  const [finding] = analysis.flush(at).findings;
  expect([finding?.kind, finding?.samples[0]?.primary, finding?.samples[0]?.shadow]).toEqual([
    'undecodable',
    'json',
    form,
  ]);
  // Two that lie in the same way are compared as what they are.
  expect(analysis.take(pairOf(lying, json('', { body: Buffer.from(body) })))).toBe('same');
});

test('a charset is read as declared', () => {
  const latin = raw(Buffer.from('caf\u00e9', 'latin1'), {
    headers: [['content-type', 'text/plain; charset=iso-8859-1']],
  });
  const utf8 = raw('café', { headers: [['content-type', 'text/plain; charset=utf-8']] });
  expect(findingsOf(latin, utf8)).toEqual(['header content-type value']);
});

test('names that come twice are noticed', () => {
  expect(findingsOf(json('{"a":1,"a":2}'), json('{"a":2}'))).toEqual(['body $.a length']);
  expect(findingsOf(json('{"a":1,"a":2}'), json('{"a":3,"a":2}'))).toEqual(['body $.a value']);
  expect(findingsOf(json('{"a":1,"a":2}'), json('{"a":1.0,"a":2}'))).toEqual([]);
});

test('__proto__ is data', () => {
  expect(findingsOf(json('{"__proto__":{"x":1}}'), json('{"__proto__":{"x":2}}'))).toEqual([
    'body $.__proto__.x value',
  ]);
  expect('x' in {}).toBe(false);
});

test('no bytes make it throw', () => {
  const codings = fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'identity', 'deflate, br', '');
  const types = fc.constantFrom(
    'application/json',
    'text/plain; charset=utf-16',
    'text/html; charset=nonsense',
    'image/png',
    '',
  );
  const answers = fc
    .tuple(fc.uint8Array({ maxLength: 60 }), codings, types, fc.integer({ min: 100, max: 999 }))
    .map(([body, coding, type, status]) =>
      raw(body, {
        status,
        headers: [
          ['content-encoding', coding],
          ['content-type', type],
          ['set-cookie', String(body)],
        ],
      }),
    );
  fc.assert(
    fc.property(answers, answers, answers, (one, other, again) => {
      const analysis = analysisOf([{ path: '$..a', ignore: true }], { compareHeaders: ['*'] });
      const verdict = analysis.take(pairOf(one, other, { again, againWhy: 'sampled' }));
      expect(['same', 'different', 'undecodable']).toContain(verdict);
      expect(analysis.flush(at).findings.map(titleOf).length > 0).toBe(verdict === 'different');
    }),
    { numRuns: 500 },
  );
});
