import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { factAfter, holdsInRow, moveSteps, type Step } from '#proxy/cutover/move/table.ts';
import type { BucketFact, BucketState, StepName } from '#proxy/cutover/move/facts.types.ts';
import { groupIdsOf, openPools } from '#proxy/cutover/move/move.ts';
import { readSide } from '#proxy/cutover/move/read-facts.ts';
import { takeStep } from '#proxy/cutover/move/take-step.ts';
import { itemsWorld, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
let pools: Readonly<Record<Side, Pool>>;
let groupId: number;
beforeAll(async () => {
  world = await itemsWorld();
  await world.unfollow();
  pools = openPools(world.plan, 2);
  groupId = (await groupIdsOf(pools, 'things')).monolith;
});
beforeEach(() => world.databases.monolith.query('delete from banyan.audit'));
afterAll(async () => {
  await Promise.all([pools.monolith.end(), pools.service.end()]);
  await world.drop();
});

const epoch = 7;
const names = Object.keys(moveSteps) as StepName[];
const states: readonly BucketState[] = ['owner', 'fenced', 'follower'];

async function put(fact: BucketFact): Promise<void> {
  await world.databases.monolith.query(
    'update banyan.buckets set state = $1, epoch = $2, fenced_at = $3, drained = $4',
    [fact.state, fact.epoch, fact.fencedAt, fact.drained],
  );
}

const take = (step: StepName, seen?: BucketFact) =>
  takeStep(
    pools.monolith,
    { step, group: 'things', groupId, bucket: 0, epoch, holdMs: 100, by: 'test' },
    seen,
  );

/** What the step asks to have seen of the other side. */
function seenFor(step: Step): BucketFact | undefined {
  const guard = step.guards.find(({ on }) => on === 'seen');
  return guard?.on === 'seen'
    ? { state: guard.state, epoch: epoch + guard.plus, fencedAt: 0, drained: 0 }
    : undefined;
}

describe.each(names)('%s', (name) => {
  const step: Step = moveSteps[name];

  test('changes the row exactly where the table says so, as the table says, and audits it', async () => {
    for (const state of states) {
      for (const plus of [-1, 0, 1, 2]) {
        for (const drained of [epoch, epoch + 1, epoch + 2]) {
          const fact = { state, epoch: epoch + plus, fencedAt: 3, drained };
          await put(fact);
          const holds = step.guards.every((guard) => holdsInRow(guard, fact, epoch));

          expect(await take(name, seenFor(step))).toBe(holds ? 'taken' : 'other-state');
          const after = (await readSide(pools.monolith, 'things')).get(0);
          expect(after).toEqual(holds ? factAfter(step, fact, epoch) : fact);
        }
      }
    }
    const audited = await world.databases.monolith.query<{ action: string; made_by: string }>(
      'select distinct action, made_by from banyan.audit',
    );
    expect(audited).toEqual([{ action: name, made_by: 'test' }]);
  });

  test('gives way to a transaction that holds the bucket, and changes nothing', async () => {
    const before: BucketFact = { state: 'owner', epoch, fencedAt: 0, drained: 0 };
    await put(before);
    const holder = await pools.monolith.connect();
    await holder.query(`begin; select pg_advisory_xact_lock_shared(1650552441, ${groupId * 256})`);
    const result = await take(name, seenFor(step));
    await holder.query('rollback');
    holder.release();

    expect(result).toBe('held');
    expect((await readSide(pools.monolith, 'things')).get(0)).toEqual(before);
  });
});

test('an abort is not taken before the fence was seen, nor a reopening before the abort', async () => {
  await put({ state: 'follower', epoch, fencedAt: 0, drained: 0 });
  expect(await take('abort', { state: 'owner', epoch, fencedAt: 0, drained: 0 })).toBe('other-state');
  expect(await take('abort')).toBe('other-state');
  await put({ state: 'fenced', epoch: epoch + 1, fencedAt: epoch + 1, drained: 0 });
  expect(await take('reopen', { state: 'follower', epoch, fencedAt: 0, drained: epoch + 1 })).toBe(
    'other-state',
  );
});

test('a fence puts its marker into the outbox, in the same transaction', async () => {
  await put({ state: 'owner', epoch, fencedAt: 0, drained: 0 });
  await world.databases.monolith.query('delete from banyan.outbox');
  await take('fence');
  await take('fence');
  expect(
    await world.databases.monolith.query(`select op::text as op, epoch::int as epoch from banyan.outbox`),
  ).toEqual([{ op: 'M', epoch: epoch + 1 }]);
});

test('a fence is not taken while a copy into this side is open', async () => {
  await put({ state: 'owner', epoch, fencedAt: 0, drained: 0 });
  const { monolith } = world.databases;
  await monolith.query(`insert into banyan.backfill_runs (dataset_id, state) values (1, 'open')`);
  expect(await take('fence')).toBe('other-state');
  await monolith.query('delete from banyan.backfill_runs');
  expect(await take('fence')).toBe('taken');
});
