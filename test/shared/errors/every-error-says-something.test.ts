import { expect, test } from '@jest/globals';
import { messageOf } from '#shared/errors/message.ts';

test.each([
  [new Error('away'), 'away'],
  ['a text', 'a text'],
  // Node's, for a host with several addresses.
  [
    new AggregateError(
      [new Error('connect ::1'), new Error('connect 127.0.0.1'), new Error('connect ::1')],
      '',
    ),
    'connect ::1; connect 127.0.0.1',
  ],
  [new TypeError(''), 'TypeError'],
])('%p', (cause, said) => {
  expect(messageOf(cause)).toBe(said);
});
