import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readAudit } from '#proxy/cutover/move/audit.ts';
import { forceOpen } from '#proxy/cutover/move/force-open.ts';
import { readOwnership } from '#proxy/cutover/move/ownership.ts';
import { openLook } from '#proxy/cutover/move/look.ts';
import type { Alarm } from '#proxy/cutover/move/split-watch.ts';
import { itemsWorld, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeEach(async () => {
  world = await itemsWorld({ rows: 3 });
});
afterEach(() => world.drop());

async function splits(): Promise<Alarm[]> {
  const look = openLook(world.plan);
  try {
    return await look.closeSplits('split watch');
  } finally {
    await look.close();
  }
}

const set = (side: 'monolith' | 'service', state: string, epoch: number, drained = 0) =>
  world.databases[side].query('update banyan.buckets set state = $1, epoch = $2, drained = $3', [
    state,
    epoch,
    drained,
  ]);

test('a promoted standby that lost the fence: the lower side is closed, and it stands in the audit', async () => {
  await world.move('service');
  await set('monolith', 'owner', 1);
  expect(await splits()).toMatchObject([{ bucket: 0, closed: 'monolith' }]);
  expect(await world.state('monolith')).toBe('follower 2');
  expect(await world.state('service')).toBe('owner 2');
  await expect(world.databases.monolith.query(`update items set value = 'x'`)).rejects.toMatchObject({
    code: 'BY001',
  });
  expect(await splits()).toEqual([]);
  expect((await readAudit(world.plan, 10)).map(({ action, side, by }) => [action, side, by])).toEqual([
    ['close', 'monolith', 'split watch'],
    ['commit', 'service', 'test'],
    ['fence', 'monolith', 'test'],
  ]);
});

test('a split at one epoch is told and left to an operator, who chooses', async () => {
  await set('service', 'owner', 1);
  expect(await splits()).toMatchObject([{ closed: undefined }]);
  const report = await forceOpen({ plan: world.plan, group: 'things', side: 'monolith', by: 'operator' });
  expect(report).toMatchObject({ opened: [0], closed: [0], unreachable: undefined });
  expect(await readOwnership(world.plan)).toEqual([
    { group: 'things', buckets: [0], what: 'owned by the monolith' },
  ]);
});

test('a marker that the owner does not remember forbids a move: what it wrote since would be lost', async () => {
  await set('service', 'follower', 1, 2);
  expect((await splits())[0]?.message).toContain('was a database restored?');
  await expect(world.move('service')).rejects.toMatchObject({ obstacles: [{ code: 'unclear' }] });
  await forceOpen({ plan: world.plan, group: 'things', side: 'monolith', by: 'operator' });
  expect((await world.move('service')).outcomes).toMatchObject([{ end: 'moved' }]);
});

test('the new owner is lost between fence and commit: the old one is forced open, and the other closed when it is back', async () => {
  const name = new URL(world.databases.service.url).pathname.slice(1);
  const reach = async (open: boolean): Promise<void> => {
    await world.databases.monolith.query(`alter database ${name} with allow_connections ${open}`);
    if (!open)
      await world.databases.monolith.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`,
        [name],
      );
  };
  await world.unfollow();
  let gone: Promise<void> | undefined;
  const { outcomes } = await world.move('service', {
    checks: 'none',
    bounds: { giveUpMs: 200 },
    onStep: ({ step }) => {
      if (step === 'fence') gone = reach(false);
    },
  });
  await gone;
  expect(outcomes).toMatchObject([{ end: 'undecided' }]);
  const report = await forceOpen({ plan: world.plan, group: 'things', side: 'monolith', by: 'operator' });
  expect(report).toMatchObject({ opened: [0], closed: [] });
  expect(report.unreachable).toBeDefined();
  await world.databases.monolith.query(`update items set value = 'goes on' where id = 1`);

  await reach(true);
  // It comes back as if it had committed.
  await set('service', 'owner', 2);
  expect(await splits()).toMatchObject([{ closed: 'service' }]);
  await world.follow();
  expect((await world.equal()).get('1')).toBe('goes on');
  expect((await world.move('service')).outcomes).toMatchObject([{ end: 'moved' }]);
});
