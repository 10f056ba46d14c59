import { expect, test } from '@jest/globals';
import type { SampleEvent } from '#sample/events.ts';
import { createRelease, type ReleaseOptions } from '#sample/release/release.ts';

function stand(change: Partial<ReleaseOptions> = {}) {
  const calls: string[] = [];
  const events: SampleEvent[] = [];
  const call = (name: string) => async () => void calls.push(name);
  const release = createRelease({
    foreignKeys: 5,
    startNew: call('start new'),
    dropKeys: call('drop keys'),
    switchProxy: call('switch proxy'),
    stopOld: call('stop old'),
    verify: async () => ({
      code: 0,
      out: JSON.stringify({ equal: true, datasets: [{ rows: 7 }, { rows: 5 }] }),
      said: '',
    }),
    complete: async () => ({ code: 0, out: '{"complete":true}', said: '' }),
    longest: () => 12,
    tell: (event) => events.push(event),
    ...change,
  });
  return { release, calls, events };
}

const inOrder = ['start new', 'drop keys', 'switch proxy', 'stop old'];

test('the old release ends after all requests go to the new one, and the keys before anybody does without the copy', async () => {
  const { release, calls, events } = stand();
  expect(release.model()).toMatchObject({ monolith: 'old', foreignKeys: 5, complete: false });
  await release.release();
  expect(calls).toEqual(inOrder);
  expect(release.model()).toMatchObject({ monolith: 'new', foreignKeys: 0, complete: false });
  await release.verify();
  await release.complete();
  expect(release.model()).toMatchObject({ verifiedRows: 12, complete: true });
  expect(events.flatMap((event) => (event.event === 'release' ? [event.step] : []))).toEqual([
    'new-release',
    'foreign-keys',
    'proxy-switched',
    'old-release-stopped',
    'verified',
    'complete',
  ]);
  for (const event of events) expect(event).toMatchObject({ longestMs: 12 });
});

test.each([0, 1, 2, 3])('what failed at its step %i is done from there, and nothing twice', async (at) => {
  const done: string[] = [];
  let fails = true;
  const step = (index: number) => async () => {
    if (index === at && fails) throw new Error('not now');
    done.push(inOrder[index] ?? '');
  };
  const { release, events } = stand({
    startNew: step(0),
    dropKeys: step(1),
    switchProxy: step(2),
    stopOld: step(3),
  });
  await expect(release.release()).rejects.toThrow('not now');
  expect(release.model().monolith).toBe(at === 0 ? 'old' : 'both');
  fails = false;
  await release.release();
  await release.release();
  expect(done).toEqual(inOrder);
  expect(events).toHaveLength(4);
});

test('before each completion everything is compared anew', async () => {
  let equal = true;
  const { release } = stand({
    verify: async () => ({ code: equal ? 0 : 1, out: JSON.stringify({ equal, datasets: [] }), said: '' }),
  });
  await release.verify();
  equal = false;
  await expect(release.verify()).rejects.toThrow('banyan cutover verify: the two sides differ');
});

test('what stands in the way is told in the words of the command, and it is not complete', async () => {
  const said = "banyan: users can't be completed:\n  the route order-list stays\n";
  const { release } = stand({
    verify: async () => ({ code: 1, out: '', said: 'banyan: the service does not answer\n' }),
    complete: async () => ({ code: 1, out: '', said }),
  });
  await expect(release.verify()).rejects.toThrow(/^banyan cutover verify: the service does not answer$/);
  await expect(release.complete()).rejects.toThrow(
    "banyan cutover complete: users can't be completed:\n  the route order-list stays",
  );
  expect(release.model().complete).toBe(false);
});

test('obstacles that the command lists as JSON are told in one line', async () => {
  const out = JSON.stringify({ migration: 'users', complete: false, obstacles: ['one', 'another'] });
  const { release } = stand({ complete: async () => ({ code: 1, out, said: '' }) });
  await expect(release.complete()).rejects.toThrow(/^banyan cutover complete: one; another$/);
});
