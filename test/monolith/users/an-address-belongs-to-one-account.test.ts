import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startUsers, statusesOf, type Users } from './harness.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());

test('of many sign-ups at once with one address, however written, one succeeds', async () => {
  const written = ['ada@example.com', 'Ada@Example.com', ' ADA@EXAMPLE.COM '];
  const answers = await Promise.all(
    Array.from({ length: 9 }, (_, index) =>
      users.call('POST', '/users', {
        body: { email: written[index % 3], name: 'Ada', password: 'correct horse' },
      }),
    ),
  );
  expect(statusesOf(answers)).toEqual([201, ...Array(8).fill(409)]);
  for (const answer of answers.filter((answer) => answer.status === 409))
    expect(answer.body.code).toBe('email-taken');
  expect(await users.database.query('select email from users')).toEqual([{ email: 'ada@example.com' }]);
});

test('of two accounts that take one address at once, one gets it', async () => {
  const members = [await users.member(), await users.member()];
  const answers = await Promise.all(
    members.map(({ id, accessToken }) =>
      users.call('PATCH', `/users/${id}`, { token: accessToken, body: { email: 'wanted@example.com' } }),
    ),
  );
  expect(statusesOf(answers)).toEqual([200, 409]);
});

test('taking the address that one has already is no conflict', async () => {
  const { id, email, accessToken } = await users.member();
  const answer = await users.call('PATCH', `/users/${id}`, { token: accessToken, body: { email } });
  expect(answer).toMatchObject({ status: 200, body: { email } });
});
