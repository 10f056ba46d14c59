import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { readConfig } from '#proxy/config/read.ts';
import { lead } from '#proxy/control/mover/leader.ts';
import { startMover, type Mover } from '#proxy/control/mover/mover.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { installed } from '#proxy/cutover/install/installed.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { installedAsApplier } from '#proxy/cutover/copy/installed.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { applierUrl } from '../support/applier.ts';
import { silent } from '../support/bulk-fixture.ts';
import { traces } from '../support/traces.ts';

const sides = ['monolith', 'service'] as const;
let databases: Record<(typeof sides)[number], TestDatabase>;
let documents: CutoverPlan;
let devices: CutoverPlan;
const movers: Mover[] = [];

beforeEach(async () => {
  const [monolith, service] = await Promise.all([
    createTestDatabase('second_old'),
    createTestDatabase('second_new'),
  ]);
  databases = { monolith, service };
  const plans = cutoverPlans(
    readConfig(fileURLToPath(new URL('../../../second-pair/banyan.yaml', import.meta.url)), {
      CARDFILE_URL: 'http://127.0.0.1:1',
      VAULT_URL: 'http://127.0.0.1:2',
      ARCHIVE_FORCE_SECRET: 'a-secret-of-thirty-two-characters',
      CARDFILE_COPY_URL: applierUrl(monolith.url),
      CARDFILE_INSTALL_URL: monolith.url,
      VAULT_COPY_URL: applierUrl(service.url),
      VAULT_INSTALL_URL: service.url,
    }),
  );
  const planOf = (name: string): CutoverPlan => {
    const plan = plans.find(({ migration }) => migration === name);
    if (plan === undefined) throw new Error(`no migration ${name}`);
    return plan;
  };
  documents = planOf('documents');
  devices = planOf('devices');
});

afterEach(async () => {
  await Promise.all(movers.splice(0).map((mover) => mover.stop()));
  for (const side of sides) {
    await uninstall(documents, side);
    await uninstall(devices, side);
    await databases[side].drop();
  }
});

const rowsOf = (side: (typeof sides)[number], table: string) =>
  databases[side].query(`select from ${table}`).then(({ length }) => length);

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 400) throw new Error(JSON.stringify(movers.map((mover) => mover.status())));
    await delay(50);
  }
}

test('both are installed, each leads and is copied by itself, and one goes without the other', async () => {
  const bare = await traces(databases.monolith);
  for (const side of sides) {
    await install(documents, side);
    expect(await installed(devices, side)).toEqual({
      version: expect.any(Number),
      differences: ['only documents is installed here: install'],
    });
    expect(await installedAsApplier(devices, side)).toBeUndefined();
    await install(devices, side);
    expect((await install(documents, side)).changes).toEqual([]);
    for (const plan of [documents, devices])
      expect(await installed(plan, side)).toMatchObject({ differences: [] });
  }
  await databases.monolith.query(`
    insert into cards values ('north', 'A.1', 'one', '{}', '{}', 1, 'O', null, 1, '2020-01-01', null);
    insert into loggers values ('north', 's-1', 'T9', '{light}', '{}', 1, 1, 'in use', 1, '2020-01-01', null)`);
  for (const plan of [documents, devices])
    movers.push(
      startMover({
        plan,
        limits: {
          outboxBytes: 2 ** 30,
          outboxAgeMs: 3_600_000,
          verifyWithinMs: 60_000,
          workers: 1,
          trimMs: 50,
        },
        engine,
        lead,
        stage: () => 'dualwrite',
        log: silent,
        lookMs: 20,
      }),
    );
  await until(async () => movers.every((mover) => mover.status().phase === 'following'));
  expect([await rowsOf('service', 'documents'), await rowsOf('service', 'devices')]).toEqual([1, 1]);

  const [first] = movers.splice(0, 1);
  await first?.stop();
  for (const side of sides) {
    const { changes } = await uninstall(documents, side);
    expect(changes).toEqual(['dataset documents', 'migration documents']);
    expect(await installed(devices, side)).toMatchObject({ differences: [] });
    expect((await uninstall(documents, side)).changes).toEqual([]);
  }
  await databases.monolith.query(`
    insert into cards (house, signature, rev, touched) values ('north', 'A.2', 1, '2020-01-01');
    insert into loggers (house, serial, rev, touched) values ('north', 's-2', 1, '2020-01-01')`);
  await until(async () => (await rowsOf('service', 'devices')) === 2);
  expect(await rowsOf('service', 'documents')).toBe(1);
  await install(documents, 'monolith');
  expect(await installed(documents, 'monolith')).toMatchObject({ differences: [] });

  await Promise.all(movers.splice(0).map((mover) => mover.stop()));
  await uninstall(devices, 'monolith');
  await uninstall(documents, 'monolith');
  const named = (list: string[]) => list.map((trace) => trace.replace(/ \{.*\}$/, '').trimEnd());
  expect(named(await traces(databases.monolith))).toEqual(named(bare));
}, 60_000);

test('another login, another side and a name that is taken are refused', async () => {
  await install(documents, 'monolith');
  const url = new URL(devices.databases.monolith.url);
  url.username = `${url.username}_b`;
  const otherLogin = {
    ...devices,
    databases: { ...devices.databases, monolith: { ...devices.databases.monolith, url: url.href } },
  };
  await expect(install(otherLogin, 'monolith')).rejects.toMatchObject({
    code: 'OTHER_INSTALLATION',
    message: expect.stringContaining('name the same login in both urls'),
  });
  const sameNames = { ...documents, migration: 'papers' };
  await expect(install(sameNames, 'monolith')).rejects.toMatchObject({
    code: 'OTHER_INSTALLATION',
    message: expect.stringContaining('group documents of papers has a name that migration documents uses'),
  });
  const swapped = {
    ...documents,
    databases: { monolith: documents.databases.service, service: documents.databases.monolith },
  };
  await expect(install(swapped, 'service')).rejects.toMatchObject({
    code: 'OTHER_INSTALLATION',
    message: expect.stringContaining('installed as the monolith of documents, not as the service'),
  });
  await databases.monolith.query(`drop role if exists ${url.username}`);
});
