import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { acknowledgeRelay } from '#proxy/control/mover/acknowledge-relay.ts';
import { oneAfterTheOther } from '#proxy/control/mover/one-after-the-other.ts';
import type { AcknowledgeAnswer, AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';

const question = (id: number): AcknowledgeQuestion => ({ id, migration: 'm', on: 'monolith', withinMs: 9 });

test('workers that count alike each get their own answer; a mover that dies is told to all', () => {
  const sent: AcknowledgeQuestion[] = [];
  const heard: [string, AcknowledgeAnswer][] = [];
  const relay = acknowledgeRelay((one) => sent.push(one) > 0);
  for (const worker of ['a', 'b', 'c']) relay.ask(question(1), (answer) => heard.push([worker, answer]));
  relay.answered({ id: sent[1]?.id ?? 0 });
  relay.answered({ id: sent[1]?.id ?? 0 });
  relay.answered({ id: sent[0]?.id ?? 0, degraded: 'late' });
  relay.moverGone();
  relay.moverGone();
  expect(heard).toEqual([
    ['b', { id: 1, degraded: undefined }],
    ['a', { id: 1, degraded: 'late' }],
    ['c', { id: 1, degraded: 'no-mover' }],
  ]);
});

test('without a mover the answer is there at once', () => {
  const heard: AcknowledgeAnswer[] = [];
  const relay = acknowledgeRelay(() => false);
  relay.ask(question(7), (answer) => heard.push(answer));
  expect(heard).toEqual([{ id: 7, degraded: 'no-mover' }]);
});

test('a call never shares a run that began before it, and many share the next one', async () => {
  let begun = 0;
  const share = oneAfterTheOther(async () => {
    begun += 1;
    const mine = begun;
    await delay(5);
    if (mine === 2) throw new Error('once');
    return mine;
  });
  const first = share();
  await delay(1);
  const [second, third] = [share(), share()];
  expect(await first).toBe(1);
  await expect(Promise.all([second, third])).rejects.toThrow('once');
  expect(await Promise.all([share(), share()])).toEqual([3, 3]);
  expect(begun).toBe(3);
});
