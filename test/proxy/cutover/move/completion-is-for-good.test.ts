import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { startCapture } from '#proxy/cutover/copy/capture.ts';
import { isComplete } from '#proxy/cutover/move/completed.ts';
import { complete, readBothCompletions } from '#proxy/cutover/move/completion.ts';
import { forceOpen } from '#proxy/cutover/move/force-open.ts';
import { groupIdsOf, openPools } from '#proxy/cutover/move/move.ts';
import { takeStep } from '#proxy/cutover/move/take-step.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import { noteWishes } from '#proxy/cutover/move/wishes.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { itemsWorld, session, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeAll(async () => {
  world = await itemsWorld({ rows: 5 });
});
afterAll(() => world.drop());

/** Everything that a completion changes, but for who is to be told. */
async function marks(): Promise<unknown> {
  const both = [world.databases.monolith, world.databases.service].map((database) =>
    database.query(
      `select g.completed_at is not null as complete, g.capture_stopped, b.state, b.epoch, b.capturing,
         (select count(*)::int from banyan.audit where action = 'complete') as audited
       from banyan.groups g join banyan.buckets b using (group_id)`,
    ),
  );
  return (await Promise.all(both)).flat();
}

/** As before, but the monolith can't be reached. */
const withoutMonolith = (): CutoverPlan => ({
  ...world.plan,
  databases: {
    ...world.plan.databases,
    monolith: { url: 'postgres://nobody@127.0.0.1:1/nothing', installUrl: undefined },
  },
});

test('a bucket that the service does not own: nothing is changed', async () => {
  const before = await marks();
  await expect(complete(world.plan, 'test')).rejects.toMatchObject({
    name: 'CompletionRefused',
    message: 'service: group things, bucket 0: this side is follower',
  });
  expect(await marks()).toEqual(before);
});

test('writes that are not captured, for another reason than a completion: nothing is changed', async () => {
  await world.move('service');
  await world.databases.service.query(`select banyan.stop_capture('things', 'the outbox grew')`);
  const before = await marks();
  await expect(complete(world.plan, 'test')).rejects.toThrow(
    'service: group things: its writes are not captured: the outbox grew',
  );
  expect(await marks()).toEqual(before);
  await startCapture(world.plan, 'service');
});

test('a way back that has begun and is not committed yet is waited for, and then seen', async () => {
  const { service } = world.databases;
  const back = await session(service);
  await back.query('begin');
  await back.query(`update banyan.buckets set state = 'fenced', epoch = epoch + 1`);
  const completing = complete(world.plan, 'test').catch((error: unknown) => error);
  for (let tries = 0; ; tries += 1) {
    const [row] = await service.query<{ waits: boolean }>(
      `select exists (select from pg_stat_activity where datname = current_database()
         and application_name = 'banyan complete' and wait_event_type = 'Lock') as waits`,
    );
    if (row?.waits === true || tries > 200) break;
    await delay(10);
  }
  await back.query('commit');
  expect(await completing).toMatchObject({ message: 'service: group things, bucket 0: this side is fenced' });
  await back.query(`update banyan.buckets set state = 'owner', epoch = epoch - 1`);
  await back.end();
});

test('interrupted between the two sides it is complete, and the same call ends it', async () => {
  const pools = openPools(world.plan, 1);
  await noteWishes(pools.monolith, { group: 'things', buckets: [0], to: 'monolith', by: 'test' });
  await closePools(pools);
  const first = await complete(withoutMonolith(), 'test');
  expect(first).toMatchObject({ completed: ['service'], unfinished: { side: 'monolith' } });
  expect(first.unfinished?.problem).toContain('does not answer');
  expect(await isComplete(world.plan)).toBe(true);
  // Whoever would take the data back meanwhile is refused already.
  await expect(world.move('monolith')).rejects.toMatchObject({
    name: 'MoveRefused',
    obstacles: [{ code: 'complete' }],
  });

  expect(await complete(world.plan, 'test')).toEqual({ completed: ['monolith'], unfinished: undefined });
  const { monolith, service } = await readBothCompletions(world.plan);
  expect(monolith).toMatchObject({ complete: true, by: 'test' });
  expect(service).toMatchObject({ complete: true, groups: ['things'] });
  expect(await world.databases.monolith.query('select from banyan.wishes')).toEqual([]);
});

test('again it changes nothing, also for two at once', async () => {
  const before = await marks();
  const again = await Promise.all([complete(world.plan, 'one'), complete(world.plan, 'another')]);
  expect(again).toEqual(again.map(() => ({ completed: [], unfinished: undefined })));
  expect(await marks()).toEqual(before);
});

test('rows stay, the service writes on, and the monolith goes on refusing', async () => {
  const { monolith, service } = world.databases;
  await world.unfollow();
  const outbox = async (): Promise<unknown> =>
    service.query('select count(*)::int as captured from banyan.outbox');
  const before = await outbox();
  await service.query(`update items set value = 'after' where id = 1`);
  await service.query('delete from items where id = 2');
  expect(await outbox()).toEqual(before);
  await expect(monolith.query(`update items set value = 'no' where id = 1`)).rejects.toMatchObject({
    code: 'BY001',
    message: 'group things, bucket 0: owned by service at epoch 2',
  });
  expect(await monolith.query('select count(*)::int as rows from items')).toEqual([{ rows: 5 }]);
});

test('no controller takes a bucket back, whatever it knows of completions', async () => {
  const pools = openPools(world.plan, 1);
  try {
    const before = await marks();
    const { service: groupId } = await groupIdsOf(pools, 'things');
    const fence = { step: 'fence', group: 'things', groupId, bucket: 0, epoch: 2, holdMs: 100, by: 'test' };
    // Our own guard: the table's.
    expect(await takeStep(pools.service, { ...fence, step: 'fence' }, undefined)).toBe('other-state');
    // An older program's, and whoever has that login: the trigger's.
    const applier = new Client({ connectionString: world.plan.databases.service.url });
    await applier.connect();
    const old = `update banyan.buckets set state = 'fenced', epoch = epoch + 1 where bucket = 0`;
    await expect(applier.query(old)).rejects.toMatchObject({ code: 'BY005' });
    await applier.end();
    await expect(startCapture(world.plan, 'service')).rejects.toMatchObject({ code: 'BY005' });
    const opening = { plan: world.plan, group: 'things', side: 'monolith', by: 'test' } as const;
    await expect(forceOpen(opening)).rejects.toMatchObject({ code: 'BY005' });
    expect(await marks()).toEqual(before);
    // The side that keeps it has nothing to open.
    expect(await forceOpen({ ...opening, side: 'service' })).toMatchObject({ opened: [], owned: 1 });
  } finally {
    await closePools(pools);
  }
});
