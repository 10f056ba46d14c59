import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf } from './client.ts';
import { openTransaction } from './held-lock.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;
let admin: { readonly token: string };

beforeAll(async () => {
  system = await startUserServiceUnderTest();
  admin = await system.addAdmin();
});
afterAll(() => system.stop());

async function beginWrites(email: string, status: string) {
  const client = clientOf(system.url);
  const person = await client.signUp(email);
  const other = await openTransaction(system.database);
  await other.query('update accounts set status = $2 where user_id = $1', [person.id, status]);
  const { token } = admin;
  const writes = Promise.all([
    client.call('PUT', `/users/${person.id}/profile`, { token, json: { city: 'Oslo' } }),
    client.call('PUT', `/users/${person.id}/preferences/theme`, { token, json: { value: 'dark' } }),
    client.call('PATCH', `/users/${person.id}`, { token, json: { name: 'New' } }),
    client.login(person.email),
    client.refresh(person.refreshToken),
  ]);
  await other.blocks(5);
  return { person, other, writes };
}

test('writes that wait while an account is closed find it closed, and leave nothing behind', async () => {
  const { person, other, writes } = await beginWrites('closing@example.com', 'closed');
  await other.query('delete from tokens where user_id = $1', [person.id]);
  await other.end('commit');
  expect((await writes).map(({ status }) => status)).toEqual([404, 404, 404, 401, 401]);
  for (const table of ['profiles', 'preferences', 'tokens']) {
    expect(await system.database.query(`select from ${table} where user_id = $1`, [person.id])).toEqual([]);
  }
});

test('writes that wait while a closing fails are done', async () => {
  const { other, writes } = await beginWrites('staying@example.com', 'closed');
  await other.end('rollback');
  expect((await writes).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test('a login or refresh that waits while the account is suspended opens no session', async () => {
  const { other, writes } = await beginWrites('suspending@example.com', 'suspended');
  await other.end('commit');
  const [, , , login, refresh] = await writes;
  expect([login.json['code'], refresh.json['code']]).toEqual(['account-suspended', 'invalid-refresh-token']);
});
