import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase('user_service');
});
afterAll(() => database.drop());

test('the primary key of every table begins with user_id, so that the database can be distributed by it', async () => {
  const keys = await database.query(
    `select c.relname as table_name, a.attname as first_column
     from pg_constraint k
     join pg_class c on c.oid = k.conrelid
     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
     where k.contype = 'p' and c.relnamespace = 'public'::regnamespace and c.relname <> 'schema_migrations'
     order by c.relname`,
  );
  expect(keys).toEqual(
    ['accounts', 'preferences', 'profiles', 'tokens'].map((table) => ({
      table_name: table,
      first_column: 'user_id',
    })),
  );
});

test('the one unique constraint without user_id is that of e-mail addresses', async () => {
  const constraints = await database.query(
    `select k.conname as name from pg_constraint k
     where k.contype = 'u' and k.connamespace = 'public'::regnamespace`,
  );
  expect(constraints).toEqual([{ name: 'accounts_email_key' }]);
});
