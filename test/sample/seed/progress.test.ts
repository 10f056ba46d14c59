import { expect, test } from '@jest/globals';
import { createProgress, type Progress } from '#sample/seed/progress.ts';

test('progress is told at most four times a second and at the end, with the time that is left', () => {
  const told: Progress[] = [];
  let now = 0;
  const add = createProgress(
    100,
    (progress) => told.push(progress),
    () => now,
  );
  for (; now < 2_000; now += 100) add(4);
  now = 2_000;
  add(20);
  expect(told.map(({ done }) => done)).toEqual([4, 16, 28, 40, 52, 64, 76, 100]);
  expect(told[0]?.etaSeconds).toBeUndefined();
  expect(told[4]?.etaSeconds).toBeCloseTo((48 / 52) * 1.2);
  expect(told.at(-1)?.etaSeconds).toBe(0);
});
