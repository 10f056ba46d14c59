import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openSide } from '#proxy/cutover/database.ts';
import type { Change, Page } from '#proxy/cutover/stream/change.types.ts';
import { openDirectTransport } from '#proxy/cutover/stream/direct-transport.ts';
import { targetGroup, type TargetGroup } from '#proxy/cutover/stream/target-group.ts';
import type { Transport } from '#proxy/cutover/stream/transport.types.ts';
import { trimApplied } from '#proxy/cutover/stream/trim-applied.ts';
import type { Pair } from './support/pair.ts';
import { createSmallPair } from './support/small-pair.ts';

let pair: Pair;
let target: ReturnType<typeof openSide>;

beforeEach(async () => {
  pair = await createSmallPair();
  target = openSide(pair.plan, 'service', { part: 'test', lockTimeoutMs: 300 });
});

afterEach(async () => {
  await target.end();
  await pair.drop();
});

const change = (seq: number, id: number, more: Partial<Change> = {}): Change => ({
  seq: String(seq),
  epoch: '1',
  bucket: 0,
  dataset: 'owners',
  deleted: false,
  key: `{${id}}`,
  values: `{${id},S${seq},1,NULL}`,
  ...more,
});

/** What a relay that has slept hands over when it wakes up. */
async function carry(changes: readonly Change[], more: Partial<Page> = {}) {
  const [group] = pair.plan.groups;
  if (group === undefined) throw new Error('no group');
  const known = await targetGroup({ pool: target, group, from: 'monolith' });
  const transport = await openWhenFree(known);
  try {
    const next = await transport.position(1);
    return await transport.carry({
      group: 'all',
      changes,
      unmapped: [],
      markers: [],
      next,
      youngerThan: Date.now(),
      ...more,
    });
  } finally {
    await transport.close();
  }
}

/** The server takes a moment to notice that the connection that led before is gone. */
async function openWhenFree(known: TargetGroup): Promise<Transport> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await openDirectTransport({ pool: target, target: known, lanes: 1 });
    } catch (error) {
      if (tries >= 200) throw error;
      await delay(20);
    }
  }
}

const labels = async () =>
  (await pair.service.query<{ label: string }>('select label from owners order by label')).map(
    ({ label }) => label,
  );

test('an older version changes nothing, and a deleted row stays away', async () => {
  expect(await carry([change(5, 1), change(6, 2)])).toEqual({ applied: 2, stale: 0, parked: 0, left: 0 });
  expect(await carry([change(7, 2, { deleted: true, values: '{2,NULL,NULL,NULL}' })])).toMatchObject({
    applied: 1,
  });
  expect(await carry([change(4, 1), change(6, 2)])).toEqual({ applied: 0, stale: 2, parked: 0, left: 0 });
  expect(await labels()).toEqual(['S5']);
});

test('a side that is the owner takes nothing, not even to park it', async () => {
  await pair.service.query(`update banyan.buckets set state = 'owner', epoch = 2`);
  expect(await carry([change(9, 1), change(10, 2, { values: '{2,x,no number,NULL}' })])).toMatchObject({
    applied: 0,
    parked: 0,
  });
  expect(await labels()).toEqual([]);
});

test('after a fence changes from before it are refused, and those of the new owner count', async () => {
  await pair.service.query(`update banyan.buckets set state = 'follower', epoch = 3, fenced_at = 3`);
  expect(await carry([change(50, 1), change(51, 2, { epoch: '3' })])).toEqual({
    applied: 1,
    stale: 1,
    parked: 0,
    left: 0,
  });
  expect(await labels()).toEqual(['S51']);
});

test('a later epoch beats a higher number', async () => {
  await carry([change(500, 1)]);
  await carry([change(3, 1, { epoch: '2' })]);
  expect(await labels()).toEqual(['S3']);
});

test('while a chunk of a backfill is on its way, a page waits; it is no fault of a row', async () => {
  const [dataset] = await pair.service.query<{ id: number }>(
    `select dataset_id as id from banyan.datasets where name = 'owners'`,
  );
  const chunk = await target.connect();
  await chunk.query(`begin; lock table banyan.copy_lock_${dataset?.id} in share mode`);
  await expect(carry([change(1, 1)])).rejects.toMatchObject({ code: '55P03' });
  await chunk.query('commit');
  chunk.release();
  expect(await carry([change(1, 1)])).toMatchObject({ applied: 1 });
});

test('a marker is noted after the changes of its page, and never goes back', async () => {
  await carry([change(1, 1)], { markers: [{ seq: '2', epoch: '4', bucket: 0 }] });
  await carry([], { markers: [{ seq: '1', epoch: '3', bucket: 0 }] });
  expect(await pair.service.query('select drained from banyan.buckets')).toEqual([{ drained: '4' }]);
});

test('an older copy’s changes are refused after it was begun anew, though none of their versions is held', async () => {
  await carry([change(5, 1)]);
  await carry([change(6, 2, { values: '{2,x,no number,NULL}' })]);
  const { rows } = await target.query<{ parked: number }>(
    'select count(*)::int4 as parked from banyan.parked',
  );
  expect(rows).toEqual([{ parked: 1 }]);
  await target.query(`select banyan.begin_anew('all', 1, '1:1:', 100)`);
  for (const table of ['applied', 'parked'])
    expect((await target.query(`select from banyan.${table}`)).rowCount).toBe(0);
  expect(await carry([change(7, 1), change(8, 3), change(9, 4, { values: '{4,x,no number,NULL}' })])).toEqual(
    { applied: 0, stale: 3, parked: 0, left: 0 },
  );
  expect(await carry([change(101, 1)])).toMatchObject({ applied: 1 });
  expect(await labels()).toEqual(['S101']);
});

test('versions go at the next fence, or when the transport has forgotten them, and never under a backfill', async () => {
  await carry([change(1, 1), change(2, 2, { epoch: '3' })]);
  await pair.service.query(`insert into banyan.backfill_runs (dataset_id, state)
    select dataset_id, 'open' from banyan.datasets where name = 'owners'`);
  await pair.service.query('update banyan.buckets set fenced_at = 2');
  expect(await trimApplied({ pool: target })).toBe(0);
  await pair.service.query(`update banyan.backfill_runs set state = 'closed'`);
  expect(await trimApplied({ pool: target })).toBe(1);
  await pair.service.query('update banyan.applied set minute = minute - 10');
  expect(await trimApplied({ pool: target, retentionMs: 3_600_000 })).toBe(0);
  expect(await trimApplied({ pool: target, retentionMs: 60_000 })).toBe(1);
  expect(await pair.service.query('select from banyan.applied')).toEqual([]);
});
