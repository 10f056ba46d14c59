import { expect, test } from '@jest/globals';
import { parseFlagFile } from '#flags/flag-file.ts';

test('a file that nests 200,000 deep is a problem like another, and overflows nothing', () => {
  const text = `{"flagValues":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
  expect(parseFlagFile(text)).toEqual({
    problems: [expect.objectContaining({ message: 'must not nest deeper than 64 levels' })],
  });
});
