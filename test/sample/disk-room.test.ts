import { expect, test } from '@jest/globals';
import { checkDiskRoom } from '#sample/disk-room.ts';

test('a scale that does not fit the disk is refused before anything is seeded', () => {
  const free = (gigabytes: number) => () => gigabytes * 1e9;
  expect(() => checkDiskRoom('/data', 1, free(20))).toThrow(
    '--scale 1 needs about 21.3 GB of disk, and /data has 20.0 GB: choose a smaller --scale',
  );
  expect(() => checkDiskRoom('/data', 1, free(22))).not.toThrow();
  expect(() => checkDiskRoom('/data', 0.0005, free(0.5))).not.toThrow();
  expect(() => checkDiskRoom(import.meta.dirname, 1e-9)).not.toThrow();
});
