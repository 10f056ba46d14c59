import { expect, test } from '@jest/globals';
import type { Status } from '#proxy/control/status.ts';
import { createReadCounter } from '#sample/read-counter.ts';

function status(
  old: number,
  fresh: number,
  more: Partial<Status> & { readonly ownWrites?: number } = {},
): Status {
  return {
    startedAt: 'first',
    restarts: 0,
    running: 0,
    migrations: { users: { targets: { monolith: 'old', service: 'new' } } },
    traffic: {
      ways: [
        { route: 'user-read', target: 'old', requests: old, reasons: { 'own-write': more.ownWrites ?? 0 } },
        { route: 'user-read', target: 'new', requests: fresh, reasons: {} },
        { route: 'introspect', target: 'old', requests: 1_000, reasons: { 'own-write': 7 } },
      ],
    },
    ...more,
  } as unknown as Status;
}
const counter = () => createReadCounter({ name: 'users', readRoutes: ['user-read'] });

test('since the mark is what was added after it, with what was under way then', () => {
  const reads = counter();
  reads.add(status(10, 2));
  expect(reads.sinceMark()).toBeUndefined();
  reads.mark(status(12, 3, { running: 4 }));
  expect(reads.sinceMark()).toEqual({ monolith: 0, service: 0, underWay: 4 });
  expect(reads.add(status(13, 30))).toEqual({ monolith: 13, service: 30 });
  expect(reads.sinceMark()).toEqual({ monolith: 1, service: 27, underWay: 4 });
});

test('a proxy that starts anew goes on with the counts, also behind the mark', () => {
  const reads = counter();
  reads.mark(status(10, 5));
  reads.add(status(1, 7, { startedAt: 'second' }));
  expect(reads.sinceMark()).toEqual({ monolith: 1, service: 7, underWay: 0 });
  reads.mark(status(0, 2, { startedAt: 'third' }));
  expect(reads.add(undefined)).toEqual({ monolith: 11, service: 14 });
  expect(reads.restarts()).toBe(2);
});

test('a proxy that does not answer sets no mark', () => {
  const reads = counter();
  reads.mark(status(1, 1));
  reads.mark(undefined);
  expect(reads.sinceMark()).toBeUndefined();
});

test('a read that followed its caller’s own write to the monolith is no read that was left behind', () => {
  const reads = counter();
  reads.mark(status(10, 5, { ownWrites: 2 }));
  expect(reads.add(status(14, 9, { ownWrites: 5 }))).toEqual({ monolith: 14, service: 9 });
  expect(reads.sinceMark()).toEqual({ monolith: 1, service: 4, underWay: 0 });
});
