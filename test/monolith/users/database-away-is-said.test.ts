import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { testServerVariable } from '#test/support/templates.ts';
import { startUsers, type Users } from './harness.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());

async function setReachable(reachable: boolean): Promise<void> {
  const name = new URL(users.database.url).pathname.slice(1);
  const client = new Client({ connectionString: process.env[testServerVariable] });
  await client.connect();
  await client.query(`alter database ${name} allow_connections ${reachable}`);
  if (!reachable)
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await client.end();
}

test('without its database the domain answers 503 with Retry-After, never 401, and comes back', async () => {
  const member = await users.member();
  const own = { token: member.accessToken };
  await setReachable(false);
  const answers = [
    await users.call('GET', `/users/${member.id}`, own),
    await users.logIn(member),
    await users.call('POST', '/auth/logout', own),
    await users.call('POST', '/auth/refresh', { body: { refreshToken: member.refreshToken } }),
    await users.call('DELETE', `/users/${member.id}`, own),
  ];
  await setReachable(true);
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, body: { code: 'database-unavailable' } });
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  }
  expect((await users.call('GET', `/users/${member.id}`, own)).status).toBe(200);
});
