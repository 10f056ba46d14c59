import { expect, test } from '@jest/globals';
import { createClosers } from '#sample/closers.ts';

test('what was started last ends first, each once, also when one fails', async () => {
  const closers = createClosers();
  const ended: string[] = [];
  closers.add('database', () => void ended.push('database'));
  closers.add('service', async () => {
    ended.push('service');
    throw new Error('stuck');
  });
  closers.add('traffic', async () => void ended.push('traffic'));
  const told: string[] = [];
  await expect(closers.close((what) => told.push(what))).rejects.toThrow(
    'could not end cleanly: Error: stuck',
  );
  await closers.close((what) => told.push(what));
  expect(ended).toEqual(['traffic', 'service', 'database']);
  expect(told).toEqual(ended);
});
