import { describe, expect, test } from '@jest/globals';
import {
  applyGuards,
  backfillGuards,
  completionGuards,
  gateGuards,
  leaveGuards,
  moveSteps,
} from '#proxy/cutover/move/table.ts';
import { explore } from './explore.ts';

/** What goes wrong first when one guard is taken out. */
const breaks: Readonly<Record<string, string>> = {
  'fence: not complete': 'I13: complete, and the service does not own it',
  [completionGuards.owner]: 'I13: complete, and the service does not own it',
  'fence: the backfill is closed': 'I2: an acknowledged write is not in the owner',
  'fence: no open transaction': 'I2: an acknowledged write is not in the owner',
  'fence: at the epoch that was seen': 'I3: an epoch went back',
  'commit: not aborted': 'I3: an epoch went back',
  'commit: drained': 'I2: an acknowledged write is not in the owner',
  'abort: not committed': 'the two sides stand in no row of the table',
  'abort: the other side is fenced': 'the two sides stand in no row of the table',
  'reopen: by this move': 'I3: an epoch went back',
  'reopen: the other side has aborted': 'the two sides stand in no row of the table',
  [applyGuards.sinceFence]: 'I4/I5: a row went back to an older version',
  [applyGuards.newer]: 'I4/I5: a row went back to an older version',
  [backfillGuards.open]: 'I4/I5: a row went back to an older version',
  [backfillGuards.unknown]: 'I2: an acknowledged write is not in the owner',
  [backfillGuards.caughtUp]: 'I4/I5: a row went back to an older version',
  [leaveGuards.unread]: 'I2: an acknowledged write is not in the owner',
  [leaveGuards.unknown]: 'I2: an acknowledged write is not in the owner',
  [leaveGuards.once]: 'I4/I5: a row went back to an older version',
  [gateGuards.owner]: 'I2: an acknowledged write is not in the owner',
  [gateGuards.fresh]: 'I2: an acknowledged write is not in the owner',
  [gateGuards.shared]: 'I2: an acknowledged write is not in the owner',
};

/** Those that only a world in which the migration is completed needs. */
const ofCompletion: readonly string[] = ['fence: not complete', completionGuards.owner];

/**
 * Defence in depth: another guard stops the same thing in this world. The state of a row follows from its epoch, so the
 * two checks back each other up; the applier's and the backfill's owner checks are backed up by versions and by the closed
 * run; the locks of the steps after the fence by the fact that nobody may write then.
 */
const inDepth: readonly string[] = [
  'abort: no open transaction',
  'abort: not owner',
  'commit: no open transaction',
  'commit: not owner',
  'fence: still owner',
  'reopen: no open transaction',
  'reopen: still fenced',
  applyGuards.notOwner,
  backfillGuards.notOwner,
].toSorted();

const allGuards = [
  ...Object.values(moveSteps).flatMap(({ guards }) => guards.map(({ name }) => name)),
  ...[applyGuards, backfillGuards, completionGuards, leaveGuards, gateGuards].flatMap((guards) =>
    Object.values(guards),
  ),
];

describe('a guard that is taken out', () => {
  test('is one of those that break an invariant, or one of those named as defence in depth', () => {
    expect([...Object.keys(breaks), ...inDepth].toSorted()).toEqual(allGuards.toSorted());
  });

  test.each(Object.entries(breaks))('%s', (guard, invariant) => {
    const { violation } = explore({
      writes: 2,
      lastEpoch: 4,
      without: new Set([guard]),
      completes: ofCompletion.includes(guard),
    });

    expect(violation?.invariant).toBe(invariant);
  });

  test('changes nothing in this world where it is defence in depth', () => {
    for (const guard of inDepth) {
      const { violation } = explore({ writes: 1, lastEpoch: 4, without: new Set([guard]) });
      expect({ guard, violation }).toEqual({ guard, violation: undefined });
    }
  });

  test('together with the one that backs it up lets the applier write an owned bucket', () => {
    const without = new Set([applyGuards.notOwner, applyGuards.newer]);

    expect(explore({ writes: 2, lastEpoch: 4, without }).violation).toBeDefined();
  });
});
