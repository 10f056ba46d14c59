import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createAnswerMemory } from '#flags/answer-memory.ts';

test('what is remembered is what was set last, or nothing', () => {
  const entries = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.boolean()), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 4 }), (sets, capacity) => {
      const memory = createAnswerMemory(capacity);
      const last = new Map<string, boolean>();
      for (const [key, answer] of sets) {
        memory.set(key, answer);
        last.set(key, answer);
        expect(memory.get(key)).toBe(answer);
        for (const [known, value] of last) expect([undefined, value]).toContain(memory.get(known));
      }
    }),
  );
});

test('of many keys at most two generations stay, and what is asked for often is among them', () => {
  const memory = createAnswerMemory(100);
  memory.set('often', true);
  for (let key = 0; key < 10_000; key += 1) {
    memory.set(String(key), false);
    expect(memory.get('often')).toBe(true);
  }
  const kept = Array.from({ length: 10_000 }, (_none, key) => memory.get(String(key))).filter(
    (answer) => answer !== undefined,
  );
  expect(kept.length).toBeLessThanOrEqual(200);
});

test('long keys are not kept, and clear forgets all', () => {
  const memory = createAnswerMemory(10);
  memory.set('k'.repeat(65), true);
  memory.set('k', true);
  expect([memory.get('k'.repeat(65)), memory.get('k')]).toEqual([undefined, true]);
  memory.clear();
  expect(memory.get('k')).toBeUndefined();
});
