import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { datasetsOf } from '#proxy/cutover/backfill/passage.ts';
import { openSide } from '#proxy/cutover/database.ts';
import { readCompared } from '#proxy/cutover/verify/compared.ts';
import { lookAgain } from '#proxy/cutover/verify/second-look.ts';
import { run } from '../support/bulk-fixture.ts';
import { createItemsPair, type ItemsPair } from '../support/items-pair.ts';

let pair: ItemsPair;
let pools: { owner: Pool; follower: Pool };
beforeEach(async () => {
  pair = await createItemsPair({ ddl: 'id int primary key, n int', columns: ['id', 'n'] });
  pools = {
    owner: openSide(pair.plan, 'monolith', { part: 'test' }),
    follower: openSide(pair.plan, 'service', { part: 'test' }),
  };
});
afterEach(async () => {
  await Promise.all([pools.owner.end(), pools.follower.end()]);
  await pair.drop();
});

/** After each read of the follower something happens, as if time went by. */
function between(events: readonly (() => Promise<unknown>)[]) {
  const left = [...events];
  return {
    owner: pools.owner,
    follower: {
      query: async (text: string, values: unknown[]) => {
        const result = await pools.follower.query(text, values);
        await left.shift()?.();
        return result;
      },
    } as unknown as Pool,
  };
}

const name = { ownerKey: ['1'], followerKey: ['1'] };
async function look(events: readonly (() => Promise<unknown>)[], looks = 4) {
  const [dataset] = datasetsOf(pair.plan);
  if (dataset === undefined) throw new Error('no dataset');
  const compared = await readCompared(pools, dataset, 'monolith');
  return lookAgain([name], {
    pools: between(events),
    compared,
    signal: new AbortController().signal,
    pauseMs: 1,
    looks,
  });
}

const mine = (n: number) =>
  run(pair.monolith, 'insert into items values (1, $1) on conflict (id) do update set n = $1', [n]);
const theirs = (n: number) =>
  run(pair.service, 'insert into items values (1, $1) on conflict (id) do update set n = $1', [n]);

test('a row that the follower gets a moment later agrees', async () => {
  await mine(1);
  expect(await look([() => theirs(1)])).toEqual({ differ: [], moving: 0 });
});

test('a row that the owner keeps changing agrees when the follower has what the owner had before', async () => {
  await mine(1);
  expect(await look([() => Promise.all([mine(2), theirs(1)])])).toEqual({ differ: [], moving: 0 });
});

test('a row that stands still on the owner and is not there differs', async () => {
  await mine(1);
  const { differ, moving } = await look([]);
  expect(differ).toMatchObject([{ name, owner: ['1', '1'], follower: undefined }]);
  expect(moving).toBe(0);
});

test('a row that changes at every look and never agrees is told apart', async () => {
  await mine(1);
  await theirs(99);
  expect(await look([() => mine(2), () => mine(3), () => mine(4)])).toEqual({ differ: [], moving: 1 });
});
