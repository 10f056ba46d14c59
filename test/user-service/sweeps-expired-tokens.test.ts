import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf } from './client.ts';
import { openTransaction } from './held-lock.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
});
afterAll(() => system.stop());

/** @param age how long ago the first expired; each later one expired a second later, and lies before it in the table */
const addExpired = (userId: number, count: number, age: string) =>
  system.database.query(
    `insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
     select $1, lpad(to_hex(n), 64, '0'), 'refresh', gen_random_uuid(), now() - interval '90 days',
            now() - $3::interval + make_interval(secs => n)
     from generate_series($2::int, 1, -1) as n`,
    [userId, count, age],
  );
const left = async () => {
  const [row] = await system.database.query<{ expired: number; live: number }>(
    `select count(*) filter (where expires_at <= now())::int as expired,
            count(*) filter (where expires_at > now())::int as live from tokens`,
  );
  return row;
};

test('a login removes up to 100 expired tokens of anybody, the oldest first, and no others', async () => {
  const client = clientOf(system.url);
  const gone = await client.signUp('gone@example.com');
  const back = await client.signUp('back@example.com');
  await addExpired(gone.id, 150, '1 day');
  await client.login(back.email);
  expect(await left()).toEqual({ expired: 50, live: 6 });
  const [oldest] = await system.database.query<{ n: string }>(
    'select min(token_hash) as n from tokens where expires_at <= now()',
  );
  expect(Number.parseInt(oldest?.n ?? '', 16)).toBe(101);
  await client.login(back.email);
  expect(await left()).toEqual({ expired: 0, live: 8 });
});

test('a login does not wait for expired tokens that somebody else removes', async () => {
  const client = clientOf(system.url);
  const { id, email } = await client.signUp('busy@example.com');
  await addExpired(id, 2, '2 days');
  const other = await openTransaction(system.database);
  await other.query(`delete from tokens where token_hash = lpad('1', 64, '0')`);
  expect((await client.login(email)).status).toBe(200);
  expect((await left())?.expired).toBe(1);
  await other.end('rollback');
});

test('a login stands though the sweep fails', async () => {
  const client = clientOf(system.url);
  const { id, email } = await client.signUp('stuck@example.com');
  await addExpired(id, 1, '1 day');
  await system.database.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$`,
  );
  await system.database.query(
    'create trigger refuse before delete on tokens for each row execute function refuse()',
  );
  expect((await client.login(email)).status).toBe(200);
});
