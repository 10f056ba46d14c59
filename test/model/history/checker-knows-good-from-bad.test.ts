import { describe, expect, test } from '@jest/globals';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { checkHistory, toNdjson, type Operation } from './linearizable.ts';

type Short = readonly [Operation['operation'], string | undefined, number, number | undefined];

const historyOf = (...operations: readonly Short[]): Operation[] =>
  operations.map(([operation, value, start, end], client) => ({
    client,
    key: 'k',
    operation,
    value,
    start,
    end,
  }));

const good: Readonly<Record<string, Operation[]>> = {
  'a read after a write': historyOf(['write', 'a', 0, 1], ['read', 'a', 2, 3]),
  'a read beside a write sees either': historyOf(
    ['write', 'a', 0, 1],
    ['write', 'b', 2, 9],
    ['read', 'a', 3, 4],
    ['read', 'b', 5, 6],
  ),
  'overlapping writes in either sequence': historyOf(
    ['write', 'a', 0, 10],
    ['write', 'b', 0, 10],
    ['read', 'b', 11, 12],
  ),
  'a write without an answer that took effect late': historyOf(
    ['write', 'a', 0, undefined],
    ['read', undefined, 1, 2],
    ['read', 'a', 3, 4],
  ),
  'a write without an answer that never took effect': historyOf(
    ['write', 'a', 0, undefined],
    ['read', undefined, 5, 6],
  ),
  'a create without an answer, made possible by a delete without one': historyOf(
    ['write', 'a', 0, 1],
    ['delete', undefined, 2, undefined],
    ['create', 'b', 3, undefined],
    ['read', 'b', 4, 5],
  ),
  'a create after a delete': historyOf(
    ['write', 'a', 0, 1],
    ['delete', undefined, 2, 5],
    ['create', 'b', 3, 6],
    ['read', 'b', 7, 8],
  ),
  'a delete': historyOf(['write', 'a', 0, 1], ['delete', undefined, 2, 3], ['read', undefined, 4, 5]),
};

const bad: Readonly<Record<string, Operation[]>> = {
  'an acknowledged write is lost': historyOf(['write', 'a', 0, 1], ['write', 'b', 2, 3], ['read', 'a', 4, 5]),
  'a version goes back': historyOf(
    ['write', 'a', 0, 1],
    ['write', 'b', 2, 20],
    ['read', 'b', 3, 4],
    ['read', 'a', 5, 6],
  ),
  'a delete comes back': historyOf(['write', 'a', 0, 1], ['delete', undefined, 2, 3], ['read', 'a', 4, 5]),
  'a value that nobody wrote': historyOf(['write', 'a', 0, 1], ['read', 'b', 2, 3]),
  'a create over a row': historyOf(['write', 'a', 0, 1], ['create', 'b', 2, 3]),
  'a create without an answer that took effect over a row': historyOf(
    ['write', 'a', 0, 1],
    ['create', 'b', 2, undefined],
    ['read', 'b', 3, 4],
  ),
  'a read from the future': historyOf(['read', 'a', 0, 1], ['write', 'a', 2, 3]),
  'a write without an answer that took effect, and then did not': historyOf(
    ['write', 'a', 0, undefined],
    ['read', 'a', 1, 2],
    ['read', undefined, 3, 4],
  ),
};

describe('the checker', () => {
  test.each(Object.entries(good))('accepts: %s', (_, history) => {
    expect(checkHistory(history)).toEqual({ linearizable: true });
  });

  test.each(Object.entries(bad))('refuses: %s', (_, history) => {
    expect(checkHistory(history)).toMatchObject({ linearizable: false, key: 'k' });
  });

  test('begins with what was there', () => {
    const history = historyOf(['read', 'z', 0, 1]);
    expect(checkHistory(history, new Map([['k', 'z']])).linearizable).toBe(true);
    expect(checkHistory(history).linearizable).toBe(false);
  });

  test('accepts whatever a real register gives, and refuses it when one read is changed', () => {
    const operation = record({
      kind: constantFrom('read', 'write', 'delete'),
      before: integer({ min: 0, max: 9 }),
      behind: integer({ min: 0, max: 9 }),
    });
    assert(
      property(array(operation, { minLength: 1, maxLength: 12 }), (steps) => {
        let value: string | undefined;
        const history = steps.map(({ kind, before, behind }, at): Operation => {
          if (kind !== 'read') value = kind === 'write' ? `v${at}` : undefined;
          const moment = at * 5;
          return {
            client: at,
            key: 'k',
            operation: kind,
            value,
            start: moment - before,
            end: moment + behind,
          };
        });
        expect(checkHistory(history).linearizable).toBe(true);
        const read = history.findIndex((one) => one.operation === 'read');
        const forged = history.map((one, at) => (at === read ? { ...one, value: 'forged' } : one));
        expect(checkHistory(forged).linearizable).toBe(read < 0);
      }),
    );
  });

  test('searches a history with hundreds of writes without an answer at once', () => {
    const steps = Array.from({ length: 300 }, (_, at): Short[] => {
      const moment = at * 10;
      const open: Short =
        at % 3 === 0 ? ['delete', undefined, moment, undefined] : ['create', `o${at}`, moment, undefined];
      return [open, ['write', `w${at}`, moment + 1, moment + 4], ['read', `w${at}`, moment + 5, moment + 6]];
    }).flat();
    expect(checkHistory(historyOf(...steps, ['read', 'o298', 4_000, 4_001])).linearizable).toBe(true);
    expect(checkHistory(historyOf(...steps, ['read', 'nobody', 4_000, 4_001])).linearizable).toBe(false);
  });

  test('exports one operation a line', () => {
    expect(toNdjson(historyOf(['write', 'a', 0, 1]))).toBe(
      '{"client":0,"key":"k","operation":"write","value":"a","start":0,"end":1}\n',
    );
  });
});
