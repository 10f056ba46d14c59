import { describe, expect, it } from '@jest/globals';
import { killSwitch, migrationFlag, readFlag, routingKey } from '#flags/definitions.ts';

describe('a routing key', () => {
  it.each([undefined, ''])('is none for %p', (text) => {
    expect(routingKey(text)).toBeUndefined();
  });

  it.each(['42', 'a'.repeat(512), 'Ünïcode 🌳', ' ', '\u0000', 'undefined', '\ud800'])(
    'is the text itself: %p',
    (text) => {
      expect(routingKey(text)).toBe(text);
    },
  );

  it('is bounded for long texts, the same for the same text and different for others', () => {
    const long = routingKey('x'.repeat(100_000));
    expect(long).toHaveLength(50);
    expect(long).toMatch(/^sha256:/);
    expect(routingKey('x'.repeat(100_000))).toBe(long);
    expect(routingKey(`${'x'.repeat(99_999)}y`)).not.toBe(long);
  });
});

describe('a flag definition', () => {
  it.each(['', 'a b', 'a/b', 'x'.repeat(257)])('refuses %p as a key', (key) => {
    expect(() => readFlag(key)).toThrow(/is no flag key/);
    expect(() => migrationFlag(key, 'catalogue')).toThrow(/is no flag key/);
    expect(() => killSwitch(key, 'catalogue')).toThrow(/is no flag key/);
  });

  it('refuses a migration without a name', () => {
    expect(() => migrationFlag('stage', '')).toThrow(/name of a migration is empty/);
  });
});
