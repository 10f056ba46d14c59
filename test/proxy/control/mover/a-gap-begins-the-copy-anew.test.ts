import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side, Stage } from '#flags/stages.ts';
import { lead } from '#proxy/control/mover/leader.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import { startMover, type Mover } from '#proxy/control/mover/mover.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { openSide } from '#proxy/cutover/database.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { bothSides, type Pair } from '../../cutover/stream/support/pair.ts';
import { createSmallPair, datasetOf } from '../../cutover/stream/support/small-pair.ts';
import { silent } from '../../cutover/support/bulk-fixture.ts';

let pair: Pair;
let stage: Stage;
let mover: Mover;

beforeAll(async () => {
  pair = await createSmallPair();
});
afterEach(() => mover.stop());
afterAll(() => pair.drop());

function start(): void {
  mover = startMover({
    plan: pair.plan,
    limits: { outboxBytes: 2 ** 30, outboxAgeMs: 3_600_000, verifyWithinMs: 60_000, workers: 1 },
    engine,
    lead,
    stage: () => stage,
    log: silent,
    backoffMs: 50,
    lookMs: 20,
  });
}

async function until(holds: (status: MoverStatus) => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds(mover.status())); tries += 1) {
    if (tries > 600) throw new Error(`still ${JSON.stringify(mover.status())}`);
    await delay(50);
  }
}

const isEqual = async (): Promise<boolean> => {
  for (const name of ['owners', 'parts']) {
    const { owner, follower } = await bothSides(pair, datasetOf(pair, name));
    if (JSON.stringify(owner) !== JSON.stringify(follower)) return false;
  }
  return true;
};
/** It stays so: a copy that is behind by a gap would be equal for a moment only. */
async function followsAgain(id: number): Promise<void> {
  await until(({ phase }) => phase === 'following');
  await pair.monolith.query(
    `insert into parents values (${id}, 'p${id}'); insert into children values (${id}, ${id})`,
  );
  await pair.monolith.query(`update parents set note = 'v${id}'`);
  await until(isEqual);
  const { phase, lastError, parked } = mover.status();
  expect({ phase, lastError, parked }).toEqual({ phase: 'following', lastError: undefined, parked: 0 });
}

test('off and on: what was deleted, changed and made anew meanwhile is right, time and again', async () => {
  stage = 'dualwrite';
  start();
  await pair.monolith.query(`insert into parents select n, 'p' || n, 1 from generate_series(1, 40) n;
    insert into children select n, n from generate_series(1, 40) n`);
  await followsAgain(50);
  const generations = async () =>
    pair.service.query<{ generation: number }>('select generation from banyan.positions');
  const [first] = await generations();
  for (const round of [1, 2]) {
    stage = 'off';
    await until(({ phase }) => phase === 'off');
    await pair.monolith.query(
      `delete from children where id % 4 = ${round};
      delete from parents where id % 4 = ${round} and id < 50;
      update parents set size = size + 1, name = name || '.' where id % 4 = 0;
      insert into parents values (${60 + round}, 'new in ${round}');
      delete from parents where id = 3; insert into parents values (3, 'again ${round}')`.replace(
        'delete from parents where id = 3',
        'delete from children where parent_id = 3; delete from parents where id = 3',
      ),
    );
    stage = 'dualwrite';
    await followsAgain(70 + round);
  }
  const [last] = await generations();
  expect(last?.generation).not.toBe(first?.generation);
  const abandoned = await pair.service.query(
    `select from banyan.backfill_runs where state = 'abandoned' and purpose = 'backfill'`,
  );
  expect(abandoned).toHaveLength(4);
  expect(await pair.service.query(`select from banyan.backfill_runs where state = 'open'`)).toEqual([]);
}, 60_000);

test.each<Side>(['monolith', 'service'])(
  'one side alone is uninstalled and installed again, the %s',
  async (side) => {
    stage = 'dualwrite';
    start();
    await until(({ phase }) => phase === 'following');
    await mover.stop();
    await uninstall(pair.plan, side);
    await pair.monolith.query(`update parents set note = 'unseen'; delete from children where id = 50;
      insert into parents values (${side === 'monolith' ? 90 : 91}, 'unseen ${side}')`);
    await install(pair.plan, side);
    await pair.monolith.query(`update parents set size = 77 where id % 2 = 0`);
    start();
    await followsAgain(side === 'monolith' ? 100 : 101);
  },
  60_000,
);

test('a follower that was restored from before what is gone from the outbox begins anew', async () => {
  stage = 'dualwrite';
  start();
  await until(({ phase }) => phase === 'following');
  await mover.stop();
  await pair.service.query(`update banyan.positions set snapshot = '1:1:', window_to = null, last_seq = 0`);
  const applier = openSide(pair.plan, 'service', { part: 'test' });
  await applier.query('delete from public.parts; delete from public.owners; delete from banyan.applied');
  await applier.end();
  await pair.monolith.query('update banyan.groups set gone_to = pg_current_snapshot()');
  await pair.monolith.query('truncate banyan.outbox');
  start();
  await followsAgain(110);
}, 60_000);

test('the same after the service had it all for a while: what it wrote is as good as what it was given', async () => {
  await pair.monolith
    .query(`insert into parents (id, name) select n, 'p' || n from generate_series(201, 204) n;
    insert into children select n, n from generate_series(201, 204) n`);
  stage = 'live';
  start();
  await until(({ owner, moves }) => owner === 'service' && moves?.state === 'none');
  await pair.service.query(`update owners set note = 'service' where owner_id in (201, 202);
    delete from parts where part_id = 203; insert into owners (owner_id, label, home) values (205, 'MADE THERE', 0)`);
  stage = 'off';
  await until(({ phase }) => phase === 'off');
  await pair.monolith.query(`update parents set note = 'unseen' where id in (201, 205);
    delete from children where id in (202, 204); delete from parents where id in (202, 204);
    insert into parents (id, name) values (202, 'again'); insert into children values (203, 202)`);
  stage = 'dualwrite';
  await followsAgain(81);
}, 60_000);
