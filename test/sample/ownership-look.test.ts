import { expect, test } from '@jest/globals';
import { notMovedYet, soleOwner, type OwnershipModel } from '#sample/ownership-look.ts';
import { model } from './view/model.ts';

function owned(monolith: number, service: number, moving: number): OwnershipModel {
  if (model.ownership === undefined) throw new Error('the model has an owner');
  return { ...model.ownership, owned: { monolith, service, moving } };
}

test('a side is the owner of all only where nothing is the other’s, or on its way', () => {
  expect(soleOwner(owned(0, 256, 0))).toBe('service');
  expect(soleOwner(owned(256, 0, 0))).toBe('monolith');
  expect(soleOwner(owned(1, 255, 0))).toBeUndefined();
  expect(soleOwner(owned(0, 255, 1))).toBeUndefined();
});

test('a stage waits until its side owns all, and says what holds it up', () => {
  expect(notMovedYet(undefined, 'off')).toMatch(/does not know yet/);
  expect(notMovedYet(owned(1, 0, 0), 'shadow')).toBeUndefined();
  expect(notMovedYet(owned(0, 1, 0), 'rampdown')).toBeUndefined();
  expect(notMovedYet(owned(0, 1, 0), 'off')).toBe('the data are moving to the monolith');
  expect(notMovedYet({ ...owned(1, 0, 0), problem: 'it is held' }, 'live')).toBe(
    'the data are moving to the service: it is held',
  );
});
