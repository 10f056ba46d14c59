import { expect, test } from '@jest/globals';
import type { ProcessPlan, RunningProcess } from '#sample/processes.ts';
import { createReplaceable } from '#sample/replaceable.ts';

const plan = (name: string): ProcessPlan => ({ name, program: '', env: {}, healthUrl: '' });

function stand(started: (plan: ProcessPlan) => Promise<void> = async () => undefined) {
  const stopped: string[] = [];
  const part = createReplaceable(async ({ name }): Promise<RunningProcess> => {
    await started(plan(name));
    return {
      name,
      model: () => ({ name, pid: 1, restarts: name === 'old' ? 2 : 0 }),
      trouble: async () => undefined,
      hup: () => undefined,
      stop: async () => void stopped.push(name),
    };
  });
  const names = () => part.running().map(({ name }) => name);
  return { part, names, stopped };
}

test('both run until the previous one is stopped, whose restarts still count', async () => {
  const { part, names, stopped } = stand();
  await part.startNext(plan('old'));
  await part.startNext(plan('new'));
  expect(names()).toEqual(['old', 'new']);
  expect(part.pastRestarts()).toBe(0);
  await part.stopPrevious(1);
  expect([names(), stopped, part.pastRestarts()]).toEqual([['new'], ['old'], 2]);
  await part.stopPrevious(1);
  expect(names()).toEqual(['new']);
});

test('a start that fails leaves the previous one running', async () => {
  const { part, names } = stand(async ({ name }) => {
    if (name === 'new') throw new Error('no room');
  });
  await part.startNext(plan('old'));
  await expect(part.startNext(plan('new'))).rejects.toThrow('no room');
  expect(names()).toEqual(['old']);
});

test('what comes up after everything was stopped is stopped as well', async () => {
  const up = Promise.withResolvers<void>();
  const { part, names, stopped } = stand(async ({ name }) => {
    if (name === 'new') await up.promise;
  });
  await part.startNext(plan('old'));
  const starting = part.startNext(plan('new'));
  await part.stop(1);
  up.resolve();
  await starting;
  expect([names(), stopped]).toEqual([[], ['old', 'new']]);
});
