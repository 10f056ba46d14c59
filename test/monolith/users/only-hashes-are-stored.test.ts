import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startUsers, type Users } from './harness.ts';

let users: Users;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());

test('neither a password nor a token stands in any table', async () => {
  const member = await users.member();
  const { body: renewed } = await users.call('POST', '/auth/refresh', {
    body: { refreshToken: member.refreshToken },
  });
  const rows = await users.database.query<{ text: string }>(
    'select u::text as text from users u union all select t::text from auth_tokens t',
  );
  const stored = rows.map((row) => row.text).join('\n');
  const tokens = [
    member.accessToken,
    member.refreshToken,
    renewed.accessToken as string,
    renewed.refreshToken as string,
  ];
  expect(rows).toHaveLength(1 + tokens.length);
  for (const token of tokens) expect(stored).not.toContain(token.split('.')[1]);
  expect(stored).not.toContain(member.password);
  expect(stored).toContain('scrypt$');
});

test('a stolen table row is no token', async () => {
  const member = await users.member();
  const [row] = await users.database.query<{ token_hash: string }>(
    'select token_hash from auth_tokens where user_id = $1 and token_type = 1',
    [member.id],
  );
  const answer = await users.call('GET', `/users/${member.id}`, { token: `${member.id}.${row?.token_hash}` });
  expect(answer.status).toBe(401);
});
