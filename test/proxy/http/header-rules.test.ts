import { describe, expect, test } from '@jest/globals';
import {
  acceptableRequestId,
  plainAddress,
  requestHeaders,
  responseHeaders,
} from '#proxy/http/header-rules.ts';

const stranger = { address: '203.0.113.9', trusted: false, secure: false };
const gateway = { address: '10.0.0.1', trusted: true, secure: true };

function sent(raw: string[], peer = stranger): Record<string, string[]> {
  const headers = requestHeaders(raw, peer, 'id-12345678');
  if ('refused' in headers) throw new Error(headers.refused);
  const grouped: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at < headers.length; at += 2)
    (grouped[(headers[at] ?? '').toLowerCase()] ??= []).push(headers[at + 1] ?? '');
  return grouped;
}

describe('requests', () => {
  test('hop-by-hop and nominated headers are stripped', () => {
    const headers = sent([
      'Host',
      'a',
      'Connection',
      'close, X-Drop',
      'X-Drop',
      '1',
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'X-Keep',
      '2',
    ]);
    expect(Object.keys(headers)).toEqual([
      'host',
      'x-keep',
      'x-request-id',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
    ]);
  });

  test('nominating Host or Content-Length is refused', () => {
    for (const name of ['Host', 'content-length', 'Authorization']) {
      expect(requestHeaders(['Connection', name], stranger, 'id')).toHaveProperty('refused');
    }
  });

  test('forwarding headers of a stranger are overwritten', () => {
    const headers = sent([
      'Host',
      'shop',
      'X-Forwarded-For',
      '1.2.3.4',
      'Forwarded',
      'for=1.2.3.4',
      'X-Real-IP',
      '1.2.3.4',
      'X-Forwarded-Host',
      'evil',
      'X-Request-Id',
      'forged-one',
    ]);
    expect(headers).toMatchObject({
      'x-forwarded-for': ['203.0.113.9'],
      'x-forwarded-host': ['shop'],
      'x-forwarded-proto': ['http'],
      'x-request-id': ['id-12345678'],
    });
    expect(headers['forwarded']).toBeUndefined();
    expect(headers['x-real-ip']).toBeUndefined();
  });

  test('a trusted gateway is believed, and its address added', () => {
    const headers = sent(
      [
        'Host',
        'shop',
        'X-Forwarded-For',
        '1.2.3.4',
        'X-Forwarded-Proto',
        'https',
        'X-Forwarded-Host',
        'public',
      ],
      gateway,
    );
    expect(headers).toMatchObject({
      'x-forwarded-for': ['1.2.3.4, 10.0.0.1'],
      'x-forwarded-host': ['public'],
      'x-forwarded-proto': ['https'],
    });
  });

  test.each(['X_Forwarded_For', 'content_length', 'X-Forwarded_Proto', 'banyan_force'])(
    'an alias of a managed name is refused: %s',
    (name) => {
      expect(requestHeaders([name, '1'], stranger, 'id')).toHaveProperty('refused');
    },
  );

  test('own markers from outside are stripped; a __proto__ header does no harm', () => {
    const headers = sent(['Banyan-Shadow', '1', '__proto__', 'x']);
    expect(headers['banyan-shadow']).toBeUndefined();
    expect(Object.getOwnPropertyNames(headers)).toContain('__proto__');
  });
});

test('responses lose hop-by-hop and nominated headers and nothing else', () => {
  const raw = [
    'Connection',
    'X-Internal',
    'X-Internal',
    '1',
    'Keep-Alive',
    'timeout=5',
    'Set-Cookie',
    'a',
    'Set-Cookie',
    'b',
    'Banyan-Owner',
    'x',
  ];
  expect(responseHeaders(raw)).toEqual(['Set-Cookie', 'a', 'Set-Cookie', 'b']);
});

test('a request id is taken from a trusted peer in a plain form alone', () => {
  expect(acceptableRequestId('abcdef-123456', true)).toBe('abcdef-123456');
  expect(acceptableRequestId('abcdef-123456', false)).toBeUndefined();
  expect(acceptableRequestId('with blank 1234', true)).toBeUndefined();
  expect(acceptableRequestId(undefined, true)).toBeUndefined();
});

test('an IPv4-mapped address is shown as IPv4', () => {
  expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(plainAddress('::1')).toBe('::1');
  expect(plainAddress(undefined)).toBe('0.0.0.0');
});
