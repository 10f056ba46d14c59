import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { evaluateNow, fileData, openFile, readsData, testFolder, type TestFolder } from './flag-files.ts';

const keyCount = 10_000;
const texts = Array.from({ length: keyCount }, (_, index) => `customer-${index}`);

describe('a share', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
  });

  afterEach(() => files.remove());

  it.each([0, 0.125, 1, 12.5, 50, 87.5, 99.9, 100])(
    'of %d %% takes its part of the keys',
    async (percent) => {
      files.write(fileData({ reads: readsData(percent) }));
      const flags = await openFile(files.path);
      const found = texts.filter((text) => evaluateNow(flags, text).read).length;
      await flags.close();
      // Five standard deviations of the binomial distribution: keys that were not chosen to fit miss it once in two million.
      const share = percent / 100;
      const tolerance = 5 * Math.sqrt(keyCount * share * (1 - share));
      expect(Math.abs(found - keyCount * share)).toBeLessThanOrEqual(tolerance);
    },
  );
});
