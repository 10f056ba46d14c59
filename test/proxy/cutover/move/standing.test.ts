import { describe, expect, test } from '@jest/globals';
import type { BucketFact, BucketState } from '#proxy/cutover/move/facts.types.ts';
import { nextStep, standing, type Standing } from '#proxy/cutover/move/standing.ts';

const fact = (state: BucketState, epoch: number, more: Partial<BucketFact> = {}): BucketFact => ({
  state,
  epoch,
  fencedAt: 0,
  drained: 0,
  ...more,
});

describe('where a bucket stands is told from the two databases alone', () => {
  test.each<[string, BucketFact, BucketFact, Standing]>([
    [
      'the monolith owns it',
      fact('owner', 5),
      fact('follower', 5),
      { kind: 'at-rest', owner: 'monolith', epoch: 5 },
    ],
    ['it has moved', fact('fenced', 6), fact('owner', 6), { kind: 'at-rest', owner: 'service', epoch: 6 }],
    [
      'it is fenced and not drained',
      fact('fenced', 6),
      fact('follower', 5),
      { kind: 'undecided', from: 'monolith', epoch: 5, drained: false },
    ],
    [
      'it is fenced and drained, on its way back to a side that gave it up before',
      fact('fenced', 6, { drained: 7 }),
      fact('fenced', 7),
      { kind: 'undecided', from: 'service', epoch: 6, drained: true },
    ],
    [
      'the other side has refused it',
      fact('fenced', 6),
      fact('follower', 7),
      { kind: 'aborted', from: 'monolith', epoch: 5 },
    ],
    [
      'a standby that lost the fence was promoted',
      fact('owner', 5),
      fact('owner', 6),
      { kind: 'split', lower: 'monolith' },
    ],
    ['both own it at one epoch', fact('owner', 6), fact('owner', 6), { kind: 'split', lower: undefined }],
    ['a database was restored', fact('owner', 9), fact('follower', 5), { kind: 'unknown' }],
    ['nobody has ever owned it', fact('follower', 1), fact('follower', 1), { kind: 'unknown' }],
  ])('%s', (_name, monolith, service, expected) => {
    expect(standing({ monolith, service })).toEqual(expected);
  });
});

describe('the next step', () => {
  const undecided = (drained: boolean): Standing => ({
    kind: 'undecided',
    from: 'monolith',
    epoch: 5,
    drained,
  });
  const to = (owner: 'monolith' | 'service', pastBound = false) => ({ owner, pastBound });

  test('is the fence where another owner is wished', () => {
    const atRest: Standing = { kind: 'at-rest', owner: 'monolith', epoch: 5 };

    expect(nextStep(atRest, to('service'))).toEqual({ step: 'fence', from: 'monolith', epoch: 5 });
    expect(nextStep(atRest, to('monolith'))).toBeUndefined();
  });

  test('finishes a drained move, whatever is wished by now', () => {
    expect(nextStep(undecided(true), to('monolith', true))?.step).toBe('commit');
  });

  test('waits for the drain, and undoes the move past its bound', () => {
    expect(nextStep(undecided(false), to('service'))).toBeUndefined();
    expect(nextStep(undecided(false), to('service', true))?.step).toBe('abort');
  });

  test('opens a side again whose move was refused', () => {
    expect(nextStep({ kind: 'aborted', from: 'service', epoch: 5 }, to('service'))).toEqual({
      step: 'reopen',
      from: 'service',
      epoch: 5,
    });
  });

  test('is none where the facts stand in no row of the table', () => {
    expect(nextStep({ kind: 'unknown' }, to('service'))).toBeUndefined();
    expect(nextStep({ kind: 'split', lower: 'monolith' }, to('service'))).toBeUndefined();
  });
});
