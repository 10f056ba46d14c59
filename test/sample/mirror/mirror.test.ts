import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Pool, type PoolClient } from 'pg';
import { installMirror } from '#sample/mirror/install.ts';
import { populationAt } from '#sample/seed/population.ts';
import { seedDatabases } from '#sample/seed/seed.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { monolithPicture, servicePicture } from '../both-sides.ts';

let monolith: TestDatabase;
let service: TestDatabase;

beforeAll(async () => {
  [monolith, service] = await Promise.all([
    createTestDatabase('monolith'),
    createTestDatabase('user_service'),
  ]);
  const sides = { monolithUrl: monolith.url, serviceUrl: service.url };
  await seedDatabases({ ...sides, population: populationAt(0.00001), seed: 1, asOf: new Date() });
  await installMirror(sides);
  // As after a restart, when the port of the database has changed.
  await installMirror(sides);
});
afterAll(async () => {
  await Promise.all([monolith.drop(), service.drop()]);
});

async function expectEqualSides(): Promise<void> {
  const [here, there] = await Promise.all([monolithPicture(monolith), servicePicture(service)]);
  expect(there).toEqual(here);
}

async function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

test('many writers at once on few rows never fail for the mirror, and end equal', async () => {
  const pool = new Pool({ connectionString: monolith.url, max: 12 });
  const setName = 'update users set full_name = $2, updated_at = now() where id = $1';
  const setPreference = `insert into user_preferences (user_id, pref_key, pref_value) values ($1, $2, $3)
    on conflict (user_id, pref_key) do update set pref_value = excluded.pref_value`;
  const writes = Array.from({ length: 400 }, (_, at) =>
    inTransaction(pool, async (client) => {
      const user = 1 + (at % 3);
      if (at % 2 === 0) {
        await client.query('select 1 from users where id = $1 for no key update', [user]);
        await client.query(setName, [user, `Name ${at}`]);
        await client.query(setPreference, [user, `k${at % 5}`, String(at)]);
      } else {
        // Without a lock that comes first: one waits for another between its own writes.
        await client.query(setPreference, [user, 'k0', String(at)]);
        await client.query(setPreference, [user, 'k1', String(at)]);
      }
    }),
  );
  const ends = await Promise.allSettled(writes);
  await pool.end();
  expect(ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))).toEqual([]);
  await expectEqualSides();
});

test('a login that owns the tables and nothing else writes through', async () => {
  const role = `test_owner_${randomBytes(4).toString('hex')}`;
  await monolith.query(`create role ${role}; grant all on all tables in schema public to ${role};
    grant usage on all sequences in schema public to ${role}`);
  const pool = new Pool({ connectionString: monolith.url, max: 1 });
  try {
    await pool.query(`set role ${role}`);
    await pool.query("update users set full_name = 'By its owner' where id = 4");
    await pool.query(
      "insert into user_preferences (user_id, pref_key, pref_value) values (4, 'by.owner', 'yes')",
    );
    await expect(pool.query('select 1 from mirror.accounts')).rejects.toThrow(/permission denied/);
  } finally {
    await pool.end();
    await monolith.query(`drop owned by ${role}; drop role ${role}`);
  }
  await expectEqualSides();
  const [there] = await service.query<{ name: string }>('select name from accounts where user_id = 4');
  expect(there?.name).toBe('By its owner');
});

test('a write that the user-service would refuse is refused here, and nothing of it stays', async () => {
  await expect(
    monolith.query(
      "insert into user_preferences (user_id, pref_key, pref_value) values (1, 'Not A Key', '')",
    ),
  ).rejects.toThrow(/preferences_key_check/);
  await expectEqualSides();
});

test('a row that is missing on the other side is told, not passed over', async () => {
  await service.query('delete from preferences where user_id = 5');
  await expect(
    monolith.query("update user_preferences set pref_value = 'x' where user_id = 5"),
  ).rejects.toThrow('mirror: the user-service has no row for user_preferences 5');
  await service.query(
    "insert into preferences (user_id, key, value) values (5, 'theme', 'dark') on conflict do nothing",
  );
  await monolith.query("delete from user_preferences where user_id = 5 and pref_key = 'theme'");
});

test('a truncate is refused', async () => {
  await expect(monolith.query('truncate auth_tokens')).rejects.toThrow(/auth_tokens cannot be truncated/);
});

test('a database without the schema is told at once', async () => {
  const empty = await createTestDatabase('empty');
  const other = await createTestDatabase('monolith');
  await expect(
    installMirror({ monolithUrl: other.url, serviceUrl: 'postgres://u:p@127.0.0.1:1/x' }),
  ).rejects.toThrow(/the mirror could not be installed: .*mirror_user_service/);
  await expect(installMirror({ monolithUrl: empty.url, serviceUrl: service.url })).rejects.toThrow(
    /relation "public\.users" does not exist/,
  );
  await Promise.all([empty.drop(), other.drop()]);
});
