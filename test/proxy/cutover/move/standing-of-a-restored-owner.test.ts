import { expect, test } from '@jest/globals';
import { standing } from '#proxy/cutover/move/standing.ts';

const follower = (drained: number) => ({ state: 'follower', epoch: 4, fencedAt: 0, drained }) as const;
const owner = { state: 'owner', epoch: 4, fencedAt: 0, drained: 0 } as const;

test('an owner that does not remember a marker which the other side has was restored: nothing is begun', () => {
  expect(standing({ monolith: owner, service: follower(4) })).toEqual({
    kind: 'at-rest',
    owner: 'monolith',
    epoch: 4,
  });
  expect(standing({ monolith: owner, service: follower(5) })).toEqual({ kind: 'unknown' });
});
