import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { openAhead } from '#proxy/cutover/move/open-ahead.ts';
import type { SidePools } from '#proxy/cutover/move/read-facts.ts';

// The soak of moves found it: a server that is restarted while connections are opened ended the mover.
test('a connection that is cut while others are still opened ends nothing, and one that fails is left to who needs it', async () => {
  const first = new EventEmitter();
  const given: EventEmitter[] = [];
  const release = function (this: EventEmitter): void {
    given.push(this);
  };
  Object.assign(first, { release });
  const { promise: later, resolve } = Promise.withResolvers<EventEmitter>();
  const pools = {
    monolith: { connect: async () => first },
    service: { connect: () => later },
  } as unknown as SidePools;
  const opened = openAhead(pools, 1);
  await new Promise((done) => setImmediate(done));
  first.emit('error', new Error('terminating connection'));
  resolve(Object.assign(new EventEmitter(), { release }));
  await opened;
  expect(given).toHaveLength(2);
  expect(first.listenerCount('error')).toBe(0);

  const refusing = { connect: () => Promise.reject(new Error('refused')) };
  await openAhead({ monolith: refusing, service: refusing } as unknown as SidePools, 3);
});
