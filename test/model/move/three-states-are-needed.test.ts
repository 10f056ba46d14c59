import { expect, test } from '@jest/globals';
import { standing } from '#proxy/cutover/move/standing.ts';
import { moveSteps, type Step } from '#proxy/cutover/move/table.ts';
import { explore } from './explore.ts';

const at = { fencedAt: 0, drained: 0 };

test('a refused bucket that looked like one given up would read as a move the other way', () => {
  const from = { state: 'fenced', epoch: 2, ...at } as const;

  expect(standing({ monolith: from, service: { state: 'follower', epoch: 3, ...at } })).toEqual({
    kind: 'aborted',
    from: 'monolith',
    epoch: 1,
  });
  expect(standing({ monolith: from, service: { state: 'fenced', epoch: 3, ...at } })).toMatchObject({
    kind: 'undecided',
    from: 'service',
  });
});

test('a fence without its marker never lets the other side open', () => {
  const fence: Step = { ...moveSteps.fence, becomes: { state: 'fenced', epochPlus: 1, fences: true } };
  const { violation, taken } = explore({ writes: 1, lastEpoch: 3, steps: { ...moveSteps, fence } });

  expect(violation).toBeUndefined();
  expect(taken['commit']).toBeUndefined();
});
