import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stage } from '#flags/stages.ts';
import { lead } from '#proxy/control/mover/leader.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import { startMover, type Mover } from '#proxy/control/mover/mover.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { secondPair, type TestPair } from '../../cutover/preflight/harness.ts';

let pair: TestPair;
let stage: Stage = 'off';
const movers: Mover[] = [];

beforeAll(async () => {
  pair = await secondPair();
  await install(pair.plan, 'monolith');
  await install(pair.plan, 'service');
});
afterEach(async () => {
  await Promise.all(movers.splice(0).map((mover) => mover.stop()));
});
afterAll(async () => {
  await uninstall(pair.plan, 'monolith');
  await uninstall(pair.plan, 'service');
  await pair.drop();
});

function mover(): Mover {
  const started = startMover({
    plan: pair.plan,
    limits: { outboxBytes: 2 ** 30, outboxAgeMs: 3_600_000, verifyWithinMs: 60_000, workers: 1 },
    engine,
    lead,
    stage: () => stage,
    log: createLog({ name: 'mover', level: 'silent' }),
    backoffMs: 50,
    lookMs: 20,
  });
  movers.push(started);
  return started;
}

async function until(one: Mover, holds: (status: MoverStatus) => boolean): Promise<MoverStatus> {
  for (let tries = 0; tries < 600; tries += 1) {
    const status = one.status();
    if (holds(status)) return status;
    await delay(50);
  }
  throw new Error(`still ${JSON.stringify(one.status())}`);
}

const titles = async (): Promise<string> => {
  const rows = await pair.service.query<{ line: string }>(
    `select tenant || '/' || code || '=' || coalesce(title, '-') as line from documents order by tenant, code`,
  );
  return rows.map(({ line }) => line).join(' ');
};

async function arrives(text: string): Promise<void> {
  for (let tries = 0; tries < 200 && !(await titles()).includes(text); tries += 1) await delay(50);
  expect(await titles()).toContain(text);
}

test('dualwrite copies and follows; a second mover stands by; off drops it, and what changed meanwhile is mended', async () => {
  stage = 'dualwrite';
  const first = mover();
  const made = await until(first, ({ phase }) => phase === 'following');
  expect(made).toMatchObject({
    verification: { state: 'equal', rows: 7 },
    lastError: undefined,
    owner: 'monolith',
  });
  await pair.monolith.query(
    `update cards set heading = 'followed' where signature = 'A.1' and house = 'south'`,
  );
  await arrives('south/A.1=followed');

  const second = mover();
  await until(second, ({ phase }) => phase === 'standby');
  await first.stop();
  await until(second, ({ phase }) => phase === 'following');
  await pair.monolith.query(
    `update cards set heading = 'followed on' where signature = 'A.1' and house = 'south'`,
  );
  await arrives('south/A.1=followed on');

  stage = 'off';
  await until(second, ({ phase }) => phase === 'off');
  await pair.monolith.query(
    `update cards set heading = 'unseen' where signature = 'A.1' and house = 'south'`,
  );
  await pair.monolith.query(`delete from cards where signature = 'Ü/é'`);
  const [outbox] = await pair.monolith.query<{ waiting: number }>(
    `select count(*)::int as waiting from banyan.outbox where image like '%unseen%'`,
  );
  expect(outbox).toEqual({ waiting: 0 });
  stage = 'dualwrite';
  const anew = await until(second, ({ phase }) => phase === 'following');
  expect(anew.verification).toMatchObject({ state: 'equal', repaired: 2 });
  expect(await titles()).toBe('north/A.1=A "title" south/A.1=unseen');
}, 90_000);

test('its connections are cut: it goes on by itself', async () => {
  stage = 'dualwrite';
  const one = mover();
  await until(one, ({ phase }) => phase === 'following');
  await pair.monolith.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'banyan %'`,
  );
  await pair.monolith.query(
    `update cards set heading = 'after the cut' where signature = 'A.1' and house = 'south'`,
  );
  await arrives('south/A.1=after the cut');
  await until(one, ({ phase }) => phase === 'following');
}, 60_000);
