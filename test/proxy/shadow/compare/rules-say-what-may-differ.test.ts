import { expect, test } from '@jest/globals';
import { analysisOf, at, findingsOf, json, pairOf, raw, titleOf } from './pairs.ts';

test.each([
  ['ignore', { path: '$.a', ignore: true }, { a: { b: 1 } }, { a: { b: 2 } }],
  ['ignore at any depth', { path: '$..b', ignore: true }, { a: [{ b: 1 }], b: 1 }, { a: [{}], b: 2 }],
  ['ignore by kind', { path: '$.a', ignore: true, kinds: ['missing'] }, { a: 1 }, {}],
  ['ignore by index', { path: '$.a[1]', ignore: true }, { a: [1, 2] }, { a: [1, 3] }],
  ['an odd name', { path: '$["a b"].*', ignore: true }, { 'a b': { c: 1 } }, { 'a b': { c: 2 } }],
  ['number tolerance', { path: '$.a', tolerance: { absolute: 0.01 } }, { a: 1.23 }, { a: 1.24 }],
  [
    'time tolerance',
    { path: '$.a', timeTolerance: '2s' },
    { a: '2026-01-01T00:00:00Z' },
    { a: '2026-01-01T01:00:01.5+01:00' },
  ],
  [
    'time tolerance on seconds',
    { path: '$.a', timeTolerance: '2s' },
    { a: 1_700_000_000 },
    { a: 1_700_000_001 },
  ],
  ['a multiset', { path: '$.a', unordered: true }, { a: [1, 2, 2] }, { a: [2, 1, 2] }],
  [
    'by key',
    { path: '$.a', unordered: { key: 'id' } },
    { a: [{ id: 1 }, { id: 2 }] },
    { a: [{ id: 2 }, { id: 1 }] },
  ],
  ['lowercase', { path: '$.a', normalise: 'lowercase' }, { a: 'AB' }, { a: 'ab' }],
  ['trim and nfc', { path: '$.a', normalise: ['trim', 'unicode-nfc'] }, { a: ' e\u0301' }, { a: '\u00e9' }],
  [
    'uuid',
    { path: '$.a', normalise: 'uuid' },
    { a: '{AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE}' },
    { a: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee' },
  ],
  [
    'url',
    { path: '$.a', normalise: 'url' },
    { a: 'HTTP://Example.org:80/a/../b' },
    { a: 'http://example.org/b' },
  ],
  [
    'iso-instant',
    { path: '$.a', normalise: 'iso-instant' },
    { a: '2026-01-01T00:00:00Z' },
    { a: '2026-01-01T01:00:00.000+01:00' },
  ],
  ['scalar-text', { path: '$.a', normalise: 'scalar-text' }, { a: 1 }, { a: '1' }],
  ['null-is-missing', { path: '$.a', normalise: 'null-is-missing' }, { a: null }, {}],
])('%s', (_, rule, primary, shadow) => {
  expect(findingsOf(json(primary), json(shadow), [rule])).toEqual([]);
  expect(
    findingsOf(json(shadow), json(primary), [{ ...rule, ...('kinds' in rule ? { kinds: ['extra'] } : {}) }]),
  ).toEqual([]);
  expect(findingsOf(json(primary), json(shadow))).not.toEqual([]);
  // Another route, and another day: the rule is not there.
  expect(findingsOf(json(primary), json(shadow), [{ ...rule, routes: ['other'] }])).not.toEqual([]);
  expect(findingsOf(json(primary), json(shadow), [{ ...rule, expires: '2026-05-31' }])).not.toEqual([]);
});

test('elements matched by key differ where they differ', () => {
  const rules = [{ path: '$.a', unordered: { key: 'id' } }];
  const [one, other] = [
    [{ id: 1, x: 1 }, { id: 2 }],
    [{ id: 3 }, { id: 1, x: 2 }],
  ].map((a) => json({ a }));
  expect(one === undefined || other === undefined ? [] : findingsOf(one, other, rules)).toEqual([
    'body $.a[*].x value',
    'body $.a[*] missing',
    'body $.a[*] extra',
  ]);
});

test('rules of headers and of the status', () => {
  const [one, other] = [
    raw('', { headers: [['vary', 'a, b']] }),
    raw('', {
      headers: [
        ['vary', 'b'],
        ['vary', 'a'],
      ],
      status: 201,
    }),
  ];
  expect(
    findingsOf(one, other, [
      { header: 'Vary', unordered: true },
      { status: true, ignore: true },
    ]),
  ).toEqual([]);
  expect(findingsOf(one, other)).toEqual(['status status value', 'header vary length']);
});

test('an expected difference is counted apart, with who answers for it', () => {
  const analysis = analysisOf([{ path: '$.a', expect: true }]);
  expect(analysis.take(pairOf(json({ a: 1 }), json({ a: 2 })))).toBe('expected');
  expect(analysis.take(pairOf(json({ a: 1, b: 1 }), json({ a: 2, b: 2 })))).toBe('different');
  const { routes, findings } = analysis.flush(at);
  expect(routes[0]).toMatchObject({ compared: 2, same: 1, different: 1 });
  expect(findings.map((finding) => [titleOf(finding), finding.pairs, finding.expected])).toEqual([
    ['body $.a value', 2, 'team: known'],
    ['body $.b value', 1, undefined],
  ]);
});

test('mapped ids stand for each other, one to one, whichever side is primary', () => {
  const analysis = analysisOf([{ path: '$..id', mapId: 'items' }]);
  const take = (monolith: unknown, service: unknown, primarySide: 'monolith' | 'service' = 'monolith') =>
    primarySide === 'monolith'
      ? analysis.take(pairOf(json({ id: monolith }), json({ id: service })))
      : analysis.take(pairOf(json({ id: service }), json({ id: monolith }), { primarySide }));
  expect(take(1, 'a')).toBe('same');
  expect(take(1, 'a')).toBe('same');
  expect(take(2, 'b', 'service')).toBe('same');
  expect(take(1, 'a', 'service')).toBe('same');
  expect(take(1, 'c')).toBe('different');
  expect(take(3, 'a')).toBe('different');
  // What was seen once only may have been the wrong one.
  expect(take(2, 'd')).toBe('different');
  expect(take(2, 'd')).toBe('same');
});
