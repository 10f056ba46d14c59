import { describe, expect, test } from '@jest/globals';
import { explore } from './explore.ts';

describe('the table of a move', () => {
  test('keeps every invariant in every state that two controllers, two writers and a sleeping copy can reach', () => {
    const { violation, states, taken } = explore({ writes: 2, lastEpoch: 4 });

    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(200_000);
    // Every step was really taken, also after a move back.
    expect(Object.keys(taken).toSorted()).toEqual(['abort', 'commit', 'fence', 'reopen']);
  });

  test('keeps them, and the data with the service, when the migration is completed at any moment', () => {
    const { violation, states, taken } = explore({ writes: 2, lastEpoch: 3, completes: true });

    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(50_000);
    expect(Object.keys(taken).toSorted()).toEqual(['abort', 'commit', 'fence', 'reopen']);
  });
});
