import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyPassword } from '#shared/credentials/password.ts';
import {
  populationAt,
  seededEmail,
  seededPassword,
  seededStatus,
  adminIds,
} from '#sample/seed/population.ts';
import { seedMonolith } from '#sample/seed/seed.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { sampleDataPlan } from '../sample-data-plan.ts';
import type { Progress } from '#sample/seed/progress.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { monolithPicture, servicePicture } from '../both-sides.ts';

const population = { ...populationAt(0.0001), orders: 300 };
const asOf = new Date('2026-11-01T12:00:00.123Z');
const told: Progress[] = [];
let monolith: TestDatabase;
let service: TestDatabase;

beforeAll(async () => {
  [monolith, service] = await Promise.all([
    createTestDatabase('monolith'),
    createTestDatabase('user_service'),
  ]);
  await seedMonolith({
    monolithUrl: monolith.url,
    population,
    seed: 7,
    asOf,
    onProgress: (progress) => told.push(progress),
  });
  const plan = sampleDataPlan({ monolith: monolith.url, service: service.url });
  await install(plan, 'monolith');
  await install(plan, 'service');
  const log = createLog({ name: 'backfill', level: 'silent' });
  await startBackfill({ plan, to: 'service', log, signal: new AbortController().signal });
}, 60_000);
afterAll(async () => {
  const plan = sampleDataPlan({ monolith: monolith.url, service: service.url });
  await uninstall(plan, 'monolith');
  await uninstall(plan, 'service');
  await Promise.all([monolith.drop(), service.drop()]);
});

test('copied as banyan.yaml says, both sides hold the same people, whatever their tables are called', async () => {
  const [here, there] = await Promise.all([monolithPicture(monolith), servicePicture(service)]);
  expect(here.accounts).toHaveLength(population.users);
  expect(here).toEqual(there);
});

test('the sizes stand in the proportions of the full data', async () => {
  const [counts] = await monolith.query<Record<string, number>>(
    `select (select count(*)::int from user_profiles) as profiles, (select count(*)::int from user_preferences) as preferences,
       (select count(*)::int from auth_tokens) as tokens`,
  );
  const of = (millions: number): number => (population.users * millions) / 12;
  expect((counts?.['profiles'] ?? 0) / of(8)).toBeCloseTo(1, 1);
  expect((counts?.['preferences'] ?? 0) / of(15)).toBeCloseTo(1, 1);
  expect((counts?.['tokens'] ?? 0) / of(5)).toBeCloseTo(1, 1);
});

test('who is who is known without asking the database', async () => {
  const rows = await service.query<{ id: number; email: string; status: string; role: string }>(
    'select user_id::int as id, email, status, role from accounts order by user_id',
  );
  expect(rows).toEqual(
    Array.from({ length: population.users }, (_, at) => ({
      id: at + 1,
      email: seededEmail(at + 1),
      status: seededStatus(at + 1),
      role: adminIds.some((id) => id === at + 1) ? 'admin' : 'customer',
    })),
  );
});

test('all accounts share one hash of the printed password', async () => {
  const rows = await monolith.query<{ hash: string }>(
    'select distinct password_hash as hash from users where is_active <> 2',
  );
  expect(rows).toHaveLength(1);
  expect(await verifyPassword(seededPassword, rows[0]?.hash ?? '')).toBe(true);
});

test('nothing points nowhere, though foreign keys were not checked on the way', async () => {
  for (const database of [monolith, service]) {
    const keys = await database.query<{ child: string; parent: string; column: string; key: string }>(
      `select conrelid::regclass::text as child, confrelid::regclass::text as parent,
         (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as column,
         (select attname from pg_attribute where attrelid = confrelid and attnum = confkey[1]) as key
       from pg_constraint where contype = 'f'`,
    );
    expect(keys.length).toBeGreaterThan(2);
    for (const { child, parent, column, key } of keys) {
      const [orphans] = await database.query<{ count: number }>(
        `select count(*)::int as count from ${child} c left join ${parent} p on p.${key} = c.${column}
         where c.${column} is not null and p.${key} is null`,
      );
      expect({ child, column, orphans: orphans?.count }).toEqual({ child, column, orphans: 0 });
    }
  }
});

test('orders add up to their lines, and the paid ones have been charged', async () => {
  const [wrong] = await monolith.query<{ count: number }>(
    `select count(*)::int as count from orders o
     left join payments p on p.order_id = o.id left join simulated_charges s on s.reference = p.reference
     where o.total_cents <> (select sum(quantity * unit_price_cents) from order_lines l where l.order_id = o.id)
        or (o.state in ('paid', 'shipped')) <> (p.captured_cents is not distinct from o.total_cents and s.state = 'captured')`,
  );
  const states = await monolith.query<{ state: string }>('select distinct state from orders order by 1');
  expect(wrong).toEqual({ count: 0 });
  expect(states.map((row) => row.state)).toEqual(['cancelled', 'expired', 'paid', 'shipped']);
});

test('no time lies after the moment that was given', async () => {
  const [latest] = await service.query<{ latest: Date }>(
    'select greatest(max(created_at), max(updated_at)) as latest from accounts',
  );
  expect(latest?.latest.getTime()).toBeLessThanOrEqual(asOf.getTime());
});

test('what is made next gets an id beyond the seeded ones', async () => {
  const [user] = await monolith.query<{ id: number }>(
    "insert into users (email, full_name, password_hash) values ('new@example.com', 'New', 'x') returning id::int",
  );
  expect(user?.id).toBeGreaterThan(population.users);
  // The monolith draws the odd ones, so that the service never draws the same.
  expect((user?.id ?? 0) % 2).toBe(1);
});

test('the progress ends at all rows', () => {
  const total = population.users + population.products + population.orders;
  expect(told.at(-1)).toMatchObject({ done: total, total });
});

test('the same seed gives the same people again, another seed others', async () => {
  const names = async (seed: number): Promise<unknown> => {
    const left = await createTestDatabase('monolith');
    const small = { users: 60, products: 20, orders: 1 };
    await seedMonolith({ monolithUrl: left.url, population: small, seed, asOf });
    const rows = await left.query('select full_name, created_at from users order by id limit 60');
    await left.drop();
    return rows;
  };
  const seven = await monolith.query('select full_name, created_at from users order by id limit 60');
  expect(await names(7)).toEqual(seven);
  expect(await names(8)).not.toEqual(seven);
});
