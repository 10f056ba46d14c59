import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startUsers, type Member, type Users } from './harness.ts';

let users: Users;
let member: Member;
beforeAll(async () => {
  users = await startUsers();
  member = await users.member();
});
afterAll(() => users.stop());
beforeEach(async () => {
  await users.database.query('delete from auth_tokens');
  await users.database.query(
    `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
     select $1, lpad(n::text, 64, '0'), 1, gen_random_uuid(), now(), (now() at time zone 'utc') - n * interval '1 minute'
     from generate_series(1, 250) n`,
    [member.id],
  );
});

async function expired(): Promise<number> {
  const [row] = await users.database.query<{ count: number }>(
    `select count(*)::int as count from auth_tokens where expires_at < now() at time zone 'utc'`,
  );
  return row?.count ?? -1;
}

test('each login and each refresh takes a bounded number away, and no live one', async () => {
  const { body: session } = await users.logIn(member);
  expect(await expired()).toBe(150);
  const refreshed = await users.call('POST', '/auth/refresh', {
    body: { refreshToken: session.refreshToken },
  });
  expect(await expired()).toBe(50);
  await users.logIn(member);
  expect(await expired()).toBe(0);
  const own = { token: refreshed.body.accessToken };
  expect((await users.call('GET', `/users/${member.id}`, own)).status).toBe(200);
});

test('logins at once sweep without waiting for each other or failing', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => users.logIn(member)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
  expect(await expired()).toBe(0);
});

test('a sweep that fails does not fail the login', async () => {
  await users.database.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'no deletes today'; end $$;
    create trigger refuse before delete on auth_tokens for each row execute function refuse()`);
  expect((await users.logIn(member)).status).toBe(200);
  await users.database.query('drop function refuse cascade');
});
