import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { Client } from 'pg';
import { acknowledger, type Acknowledger } from '#proxy/control/mover/acknowledger.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import type { Pair } from '../../cutover/stream/support/pair.ts';
import { createSmallPair } from '../../cutover/stream/support/small-pair.ts';

let pair: Pair;
let streams: Stream[] = [];
let phase: 'following' | 'standby' | 'off' = 'following';
let asker: Acknowledger;

beforeAll(async () => {
  pair = await createSmallPair(256);
  asker = acknowledger({ plan: pair.plan, copy: () => ({ streams, phase }) });
  // The applier is slowed down, so that an answer that comes early is seen.
  await pair.service.query(`create function slow() returns trigger language plpgsql as $$
      begin perform pg_sleep(random() * 0.004); return new; end $$;
    create trigger slow before insert or update on owners for each row execute function slow()`);
});
afterEach(async () => {
  streams = [];
  phase = 'following';
  await pair.stopAll();
});
afterAll(async () => {
  await asker.stop();
  await pair.drop();
});

const ask = (withinMs = 30_000) => asker.ask({ on: 'monolith', withinMs });

interface Step {
  readonly kind: 'put' | 'delete';
  readonly id: number;
}
const steps = array(
  record({
    kind: constantFrom('put' as const, 'put' as const, 'delete' as const),
    id: integer({ min: 1, max: 12 }),
  }),
  { minLength: 1, maxLength: 12 },
);

let written = 0;
/** One client: writes, asks, and at once reads what it wrote from the follower. Ids of others are not its own. */
async function client(base: number, all: readonly Step[]): Promise<void> {
  for (const { kind, id } of all) {
    const key = base + id;
    written += 1;
    const note = `n${written}`;
    await pair.monolith.query(
      kind === 'put'
        ? `insert into parents values (${key}, 'p${key}', 1, '${note}') on conflict (id) do update set note = excluded.note`
        : `delete from parents where id = ${key}`,
    );
    expect(await ask()).toBeUndefined();
    const rows = await pair.service.query(`select note from owners where owner_id = ${key}`);
    expect(rows).toEqual(kind === 'put' ? [{ note }] : []);
  }
}

test('whenever the answer says both, the follower has the write: by the own stream, and by the books beside another mover', async () => {
  const stream = await pair.start();
  for (const [runs, mode] of [
    [8, 'following'],
    [2, 'standby'],
  ] as const) {
    [streams, phase] = [mode === 'following' ? [stream] : [], mode];
    await assert(
      asyncProperty(array(steps, { minLength: 1, maxLength: 6 }), async (clients) => {
        await Promise.all(clients.map((all, at) => client(at * 100, all)));
      }),
      { numRuns: runs, endOnFailure: true },
    );
  }
  expect(written).toBeGreaterThan(50);
}, 60_000);

test('while the follower is locked it is late after its bound, and says both again when it is free', async () => {
  streams = [await pair.start()];
  expect(await ask()).toBeUndefined();
  const holder = new Client({ connectionString: pair.service.url });
  await holder.connect();
  try {
    await holder.query('begin; lock table owners in access exclusive mode');
    await pair.monolith.query(`insert into parents values (900, 'locked out')`);
    expect(await ask(50)).toBe('late');
  } finally {
    await holder.query('rollback');
    await holder.end();
  }
  expect(await ask()).toBeUndefined();
  expect(await pair.service.query('select owner_id from owners where owner_id = 900')).toHaveLength(1);
});

test('a change that could not be applied is not there, however far the stream is: parked', async () => {
  streams = [await pair.start()];
  await pair.service.query(`alter table owners add constraint no_901 check (owner_id <> 901)`);
  await pair.monolith.query(`insert into parents values (901, 'refused')`);
  expect(await ask()).toBe('parked');
  [streams, phase] = [[], 'standby'];
  expect(await ask()).toBe('parked');
  await pair.service.query(`alter table owners drop constraint no_901; delete from banyan.parked`);
});

test('with nobody who carries anything it is told at once', async () => {
  phase = 'off';
  expect(await ask()).toBe('no-copy');
  const stream = await pair.start();
  streams = [stream];
  await stream.stop();
  expect(await ask()).toBe('no-copy');
});
