import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Client } from 'pg';
import { installMirror } from '#sample/mirror/install.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { monolithPicture, servicePicture } from '../both-sides.ts';

let monolith: TestDatabase;
let service: TestDatabase;
let client: Client;

beforeAll(async () => {
  [monolith, service] = await Promise.all([
    createTestDatabase('monolith'),
    createTestDatabase('user_service'),
  ]);
  await installMirror({ monolithUrl: monolith.url, serviceUrl: service.url });
  client = new Client({ connectionString: monolith.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await Promise.all([monolith.drop(), service.drop()]);
});

/** One statement; it may well be refused by a constraint, which rolls the transaction back on both sides. */
interface Write {
  readonly text: string;
  readonly values: readonly unknown[];
}

const id = fc.integer({ min: 1, max: 5 });
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => !each.includes('\0'));
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const key = fc.constantFrom('theme', 'a', 'cart.layout', 'z_9');
const email = fc.constantFrom('a@example.com', 'b@example.com', 'c@example.com', 'ünï@example.com');
const time = fc
  .date({ min: new Date('1999-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().replace('Z', '123'));
const hash = fc.constantFrom(...'0123'.split('').map((digit) => digit.repeat(64)));

const write: fc.Arbitrary<Write> = fc.oneof(
  statement(
    'insert into users (id, email, full_name, is_active, is_admin, password_hash, created_at, updated_at) values ($1,$2,$3,$4,$5,$6,$7,$8)',
    id,
    email,
    text.map((name) => `N${name}`),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 0, max: 1 }),
    text,
    time,
    time,
  ),
  statement(
    'update users set email = $2, is_active = $3 where id = $1',
    id,
    email,
    fc.integer({ min: 0, max: 2 }),
  ),
  statement('update users set updated_at = $1, is_admin = 1 - is_admin', time),
  statement('update users set id = id + 10 where id = $1', id),
  statement('delete from users where id = $1', id),
  statement(
    `insert into user_profiles (user_id, display_name, bio, birth_date, country, time_zone, updated_at) values ($1,$2,$3,$4,$5,$6,$7)
     on conflict (user_id) do update set bio = excluded.bio, country = excluded.country, birth_date = excluded.birth_date`,
    id,
    orNull(text),
    orNull(text),
    orNull(fc.constantFrom('1970-01-01', '2000-02-29', '0044-03-15')),
    orNull(fc.constantFrom('PT', 'DE')),
    orNull(fc.constantFrom('Europe/Lisbon')),
    time,
  ),
  statement('delete from user_profiles where user_id = $1', id),
  statement(
    `insert into user_preferences (user_id, pref_key, pref_value) values ($1,$2,$3)
     on conflict (user_id, pref_key) do update set pref_value = excluded.pref_value`,
    id,
    key,
    text,
  ),
  statement('update user_preferences set pref_key = $2 where user_id = $1', id, key),
  statement('update user_preferences set pref_value = pref_value || $1', text),
  statement('delete from user_preferences where user_id = $1 or pref_key = $2', id, key),
  statement(
    `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
     values ($1, $2, $3, gen_random_uuid(), $4, $5)`,
    id,
    hash,
    fc.integer({ min: 1, max: 2 }),
    time,
    time,
  ),
  statement('update auth_tokens set spent_at = $2 where user_id = $1', id, time),
  statement('delete from auth_tokens where expires_at < $1', time),
);

function statement(sql: string, ...values: fc.Arbitrary<unknown>[]): fc.Arbitrary<Write> {
  return fc.tuple(...values).map((drawn) => ({ text: sql, values: drawn }));
}

const transaction = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 5 }),
  end: fc.constantFrom('commit', 'commit', 'commit', 'rollback'),
});

async function run({ writes, end }: { writes: readonly Write[]; end: string }): Promise<number> {
  await client.query('begin');
  let done = 0;
  for (const { text, values } of writes) {
    // As an application that goes on after a refused statement: the part before the savepoint counts.
    await client.query('savepoint one');
    try {
      await client.query(text, [...values]);
      done += 1;
    } catch (error) {
      // Class 23: a constraint of the monolith. Anything else is the mirror's.
      if (!Error.isError(error) || !('code' in error) || !String(error.code).startsWith('23')) throw error;
      await client.query('rollback to savepoint one');
    }
  }
  await client.query(end);
  return end === 'commit' ? done : 0;
}

test('after any transactions on the monolith both sides are equal', async () => {
  let effective = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 12 }), async (transactions) => {
      for (const each of transactions) effective += await run(each);
      const [here, there] = await Promise.all([monolithPicture(monolith), servicePicture(service)]);
      expect(there).toEqual(here);
    }),
    { numRuns: 25, seed: 20_261_124, endOnFailure: true },
  );
  // The random writes must not all have been refused.
  expect(effective).toBeGreaterThan(100);
});
