import { describe, expect, test } from '@jest/globals';
import { listed, sharedOf, withinMs } from '#proxy/control/cli/cutover/buckets.ts';
import { rangesOf } from '#proxy/cutover/ranges.ts';

describe('which buckets a call means', () => {
  test('numbers and ranges, each once, in their sequence', () => {
    expect(listed('200, 0-3,2')).toEqual([0, 1, 2, 3, 200]);
    expect(rangesOf(listed('200, 0-3,2'))).toBe('0-3,200');
  });

  test.each(['', '256', '5-3', '1,,2', 'all', '-1', '1-300'])('refuses the list %p', (text) => {
    expect(() => listed(text)).toThrow('between 0 and 255');
  });

  test('a share is of 256, at least one bucket, and a larger one only adds', () => {
    expect([sharedOf('0.1%'), sharedOf('5%'), sharedOf('50'), sharedOf('100 %')]).toEqual([1, 13, 128, 256]);
  });

  test.each(['0', '101', 'half', '-5%'])('refuses the share %p', (text) => {
    expect(() => sharedOf(text)).toThrow('is no share');
  });

  test('a time needs its unit', () => {
    expect(withinMs('5s')).toBe(5_000);
    expect(() => withinMs('5')).toThrow('is no time');
  });
});
