import { expect, test } from '@jest/globals';
import { createMoveCounts, type MoveCounts } from '#sample/move-counts.ts';

const counts = (held: number, heldMs: number): MoveCounts => ({
  held,
  heldMs,
  redirected: 1,
  unanswered: 0,
  waited: 4,
  stale: 0,
});
const worker = (pid: number, held: number, heldMs = 0) => ({
  pid,
  ownership: { counts: counts(held, heldMs) },
});

// Regression: after the proxy had taken a new configuration nothing seemed to have waited.
test('what a worker counted stays when another takes its place', () => {
  const add = createMoveCounts();
  expect(add([worker(1, 2, 30), worker(2, 3, 10)])).toMatchObject({ held: 5, heldMs: 40, redirected: 2 });
  expect(add([worker(1, 4, 50), worker(3, 0)])).toMatchObject({
    held: 7,
    heldMs: 60,
    redirected: 3,
    waited: 12,
  });
  expect(add([])).toMatchObject({ held: 7 });
});
