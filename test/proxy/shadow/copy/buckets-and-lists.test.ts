import { expect, test } from '@jest/globals';
import { array, assert, constant, integer, oneof, property } from 'fast-check';
import { createByteBudget } from '#proxy/shadow/copy/byte-budget.ts';
import { createFifo } from '#proxy/shadow/copy/fifo.ts';
import { legLines } from '#proxy/shadow/copy/leg-lines.ts';
import { createTokenBucket } from '#proxy/shadow/copy/token-bucket.ts';

test('a list gives back what was put in, in its sequence', () => {
  assert(
    property(array(oneof(integer(), constant('shift' as const)), { maxLength: 5_000 }), (steps) => {
      const list = createFifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === 'shift') expect(list.shift()).toBe(model.shift());
        else {
          list.push(step);
          model.push(step);
        }
        expect(list.size()).toBe(model.length);
        expect(list.peek()).toBe(model[0]);
      }
      expect(list.clear()).toEqual(model);
      expect(list.size()).toBe(0);
    }),
  );
});

test('a bucket lets its rate through, a fifth of it at once, and takes back what was not used', () => {
  let now = 0;
  const bucket = createTokenBucket(100, () => now);
  const taken = (): number => {
    let count = 0;
    while (bucket.take()) count += 1;
    return count;
  };
  expect(taken()).toBe(20);
  now = 100;
  expect(taken()).toBe(10);
  bucket.giveBack();
  expect(taken()).toBe(1);
  now = 60_000;
  expect(taken()).toBe(20);
});

test('a budget holds what fits and no more', () => {
  const budget = createByteBudget(10);
  expect([budget.charge(6), budget.charge(6), budget.charge(4)]).toEqual([true, false, true]);
  budget.release(6);
  expect(budget.held()).toBe(4);
});

test('the lines of a copy: its own id wherever the first one stood, credentials and conditions by rule', () => {
  const lines = 'host: a\r\nAuthorization: x\r\nif-none-match: "1"\r\nx-request-id: 7\r\nidentity: me\r\n';
  const options = { id: '7', suffix: '-shadow', credentials: 'drop', conditional: true } as const;
  expect(legLines(lines, options)).toBe(
    'host: a\r\nidentity: me\r\nx-request-id: 7-shadow\r\nbanyan-shadow: 1\r\n',
  );
});
