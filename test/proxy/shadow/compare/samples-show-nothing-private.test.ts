import { expect, test } from '@jest/globals';
import { hideDetected } from '#proxy/shadow/compare/detectors.ts';
import { analysisOf, at, json, pairOf, raw } from './pairs.ts';

const all = ['email', 'phone', 'card', 'token'] as const;

test.each([
  ['write to jo.do+x@mail.example.org today', 'write to [email] today'],
  ['zoë@exämple.org', '[email]'],
  ['call +49 (30) 1234-5678 now', 'call [phone] now'],
  ['0301234567', '[phone]'],
  ['(030) 123 45 67', '[phone]'],
  ['paid with 4111 1111 1111 1111', 'paid with [card]'],
  ['4111111111111111', '[card]'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[token]'],
  ['Bearer abcdef.123456', '[token]'],
  ['d41d8cd98f00b204e9800998ecf8427e', '[token]'],
  ['sk_live_abcdefgh12345678', '[token]'],
  ['k3JsdF8aPq92LmXz71TbVw0Q', '[token]'],
])('%s is hidden', (text, shown) => {
  expect(hideDetected(text, all)).toBe(shown);
});

test.each([
  '2026-11-25T02:20:28.123Z',
  '1764037228123',
  '12345678.90',
  'aaaaaaaa-1111-4222-8333-444444444444',
  '4111111111111112',
  '192.168.100.200',
  'a plain sentence with 12 words',
  'order-by-created-at-descending',
])('%s is shown', (text) => {
  expect(hideDetected(text, all)).toBe(text);
});

test('nothing takes more than linear time', () => {
  for (const piece of ['a', '1', '1 ', 'a.', 'a@', '-', 'eyJ', '(1', 'a@a.']) {
    expect(hideDetected(piece.repeat(200_000), all).length).toBeGreaterThan(0);
  }
});

test('whatever leaves in a finding is redacted: bodies, headers, target', () => {
  const analysis = analysisOf([], {
    compareHeaders: ['set-cookie', 'x-note'],
    redact: { paths: ['$..password', '$.inner.secret'] },
  });
  const body = (n: number) => ({
    mail: `jo${n}@example.org`,
    login: { password: `hunter${n}`, card: 4_111_111_111_111_111 + (n - 1) * 9 },
    list: [{ 'jo@example.org': `+49 30 1234567${n}` }],
    inner: { secret: `s${n}`, plain: `p${n}` },
  });
  const answer = (n: number) =>
    json(body(n), {
      headers: [
        ['content-type', 'application/json'],
        ['set-cookie', `sid=topsecret${n}`],
        ['x-note', `call +49 30 555 123${n}`],
      ],
    });
  const request = {
    method: 'GET',
    target: '/items/jo%40example.org/x?password=hunter9&to=%2B49301234567&page=2&to=jo@example.org',
    headers: [
      ['authorization', 'Basic abc'],
      ['cookie', 'sid=1'],
      ['x-from', 'jo@example.org'],
      ['accept', 'application/json'],
    ] as const,
    body: undefined,
  };
  analysis.take(pairOf(answer(1), answer(2), { request }));
  analysis.take(pairOf(json({ whole: body(1) }), json({ whole: 1 }), { request }));
  const text = JSON.stringify(analysis.flush(at).findings);
  for (const hidden of [
    'jo1@',
    'jo@',
    'jo%40',
    'hunter',
    'topsecret',
    '555 123',
    '1234567',
    '49301234567',
    '"s1"',
    '4111111111111111',
    'Basic abc',
    'sid=1',
  ]) {
    expect(text).not.toContain(hidden);
  }
  expect(text).toContain('/items/[email]/x?password=[redacted]&to=[phone]&page=2&to=[email]');
  expect(text).toContain('application/json');
  expect(text).toContain('p1');
});

test('a path from the root hides a whole body, and text is looked through as well', () => {
  const text = (line: string) => raw(line, { headers: [['content-type', 'text/plain']] });
  for (const [redact, shown] of [
    [{ paths: ['$'] }, '[redacted]'],
    [{}, 'line 1: from [email]'],
    [{ detectors: [] }, 'line 1: from jo@example.org'],
  ] as const) {
    const analysis = analysisOf([], { redact });
    analysis.take(pairOf(text('from jo@example.org'), text('x')));
    expect(analysis.flush(at).findings[0]?.samples[0]?.primary).toBe(shown);
  }
});
