import { describe, expect, test } from '@jest/globals';
import { explore } from './explore.ts';

// Long form: `npm run soak` explores three writes over four epochs, 1.2 million states.
const bounds =
  process.env['BANYAN_SOAK'] === undefined ? { writes: 2, lastEpoch: 4 } : { writes: 3, lastEpoch: 4 };

describe('the table of a move', () => {
  test('keeps every invariant in every state that two controllers, two writers and a sleeping copy can reach', () => {
    const { violation, states, taken } = explore(bounds);

    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(200_000);
    // Every step was really taken, also after a move back.
    expect(Object.keys(taken).toSorted()).toEqual(['abort', 'commit', 'fence', 'reopen']);
  });
});
