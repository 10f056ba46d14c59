import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { clientOf, password } from './client.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
});
afterAll(() => system.stop());

test('neither a password nor a token stands in the database, only what proves them', async () => {
  const person = await clientOf(system.url).signUp('ada@example.com');
  const tables = await Promise.all(
    ['accounts', 'tokens'].map((table) => system.database.query(`select * from ${table}`)),
  );
  const stored = JSON.stringify(tables);
  for (const secret of [password, person.accessToken, person.refreshToken]) {
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(secret.split('.').at(-1));
  }
  const hashes = await system.database.query<{ token_hash: string }>(
    'select token_hash from tokens order by kind',
  );
  expect(hashes.map((row) => row.token_hash)).toEqual(
    [person.accessToken, person.refreshToken].map((token) =>
      createHash('sha256')
        .update(token.split('.').at(-1) ?? '')
        .digest('hex'),
    ),
  );
  const [account] = await system.database.query<{ password_hash: string }>(
    'select password_hash from accounts',
  );
  expect(account?.password_hash).toMatch(/^scrypt\$/);
});
