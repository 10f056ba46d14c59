import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startUsers, statusesOf, type Users } from './harness.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());

async function fill(userId: number, keys: number): Promise<void> {
  await users.database.query(
    `insert into user_preferences (user_id, pref_key, pref_value)
     select $1, 'key' || n, 'value' from generate_series(1, $2::int) n`,
    [userId, keys],
  );
}

test('new keys at once stop at 200 exactly; a key that stands can still be set', async () => {
  const { id, accessToken: token } = await users.member();
  await fill(id, 197);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      users.call('PUT', `/users/${id}/preferences/new${n}`, { token, body: { value: 'x' } }),
    ),
  );
  expect(statusesOf(answers)).toEqual([200, 200, 200, ...Array(5).fill(409)]);
  expect(answers.find((answer) => answer.status === 409)?.body.code).toBe('too-many-preferences');
  const again = await users.call('PUT', `/users/${id}/preferences/key1`, { token, body: { value: 'y' } });
  expect(again).toMatchObject({ status: 200, body: { key: 'key1', value: 'y' } });
});

test('keys that name parts of every object are keys like any other', async () => {
  const { id, accessToken: token } = await users.member();
  // The API refuses the first; an older row or a copy may have it all the same.
  await users.database.query(
    `insert into user_preferences (user_id, pref_key, pref_value) values ($1, '__proto__', 'polluted')`,
    [id],
  );
  await users.call('PUT', `/users/${id}/preferences/constructor`, { token, body: { value: 'mine' } });
  const { text } = await users.call('GET', `/users/${id}/preferences`, { token });
  expect(text).toBe('{"items":{"__proto__":"polluted","constructor":"mine"}}');
  expect(Object.prototype).not.toHaveProperty('polluted');

  const refused = await users.call('PUT', `/users/${id}/preferences/__proto__`, {
    token,
    body: { value: 'x' },
  });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'path.key' }] } });
});

test('keys come in the order of their bytes, whatever the collation of the database', async () => {
  const { id, accessToken: token } = await users.member();
  for (const key of ['b_c', 'b.c', 'b-c', 'bc', 'a1', 'a10', 'a2'])
    await users.call('PUT', `/users/${id}/preferences/${key}`, { token, body: { value: '' } });
  const { body } = await users.call('GET', `/users/${id}/preferences`, { token });
  expect(Object.keys(body.items)).toEqual(['a1', 'a10', 'a2', 'b-c', 'b.c', 'b_c', 'bc']);
});

test('a deleted key is gone, and only once', async () => {
  const { id, accessToken: token } = await users.member();
  await fill(id, 2);
  expect((await users.call('DELETE', `/users/${id}/preferences/key1`, { token })).status).toBe(204);
  const again = await users.call('DELETE', `/users/${id}/preferences/key1`, { token });
  expect(again).toMatchObject({ status: 404, body: { code: 'preference-not-found' } });
  expect((await users.call('GET', `/users/${id}/preferences`, { token })).body.items).toEqual({
    key2: 'value',
  });
});
