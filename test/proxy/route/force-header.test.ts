import { expect, test } from '@jest/globals';
import { forcedSide, forceToken } from '#proxy/route/force.ts';

const secret = 'a secret of some length';
const now = 1_800_000_000_000;

test('a signed header gives its side until it expires', () => {
  const token = forceToken({ side: 'service', secret, ttlSeconds: 60, now });
  expect(forcedSide(token, secret, now)).toBe('service');
  expect(forcedSide(token, secret, now + 59_000)).toBe('service');
  expect(forcedSide(token, secret, now + 61_000)).toBeUndefined();
});

test('what is forged, altered or of another form gives none', () => {
  const token = forceToken({ side: 'monolith', secret, ttlSeconds: 60, now });
  const forged = [
    undefined,
    '',
    'service',
    token.replace('monolith', 'service'),
    `${token}x`,
    token.replace(/\.\d+\./, '.9999999999.'),
  ];
  for (const value of forged) expect(forcedSide(value, secret, now)).toBeUndefined();
  expect(forcedSide(token, 'another secret of length', now)).toBeUndefined();
});
