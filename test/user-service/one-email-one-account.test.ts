import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf, password } from './client.ts';
import { openTransaction } from './held-lock.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
});
afterAll(() => system.stop());

test.each([
  ['commit', 409, 409],
  ['rollback', 201, 409],
] as const)(
  'a sign-up waits for another with the same e-mail address, and is answered by how that ends: %s',
  async (how, expected, afterwards) => {
    const client = clientOf(system.url);
    const json = { email: `${how}@example.com`, name: 'Somebody', password };
    const other = await openTransaction(system.database);
    await other.query(`insert into accounts (email, name, password_hash) values ($1, 'First', 'none')`, [
      json.email,
    ]);
    const waiting = client.call('POST', '/users', { json });
    await other.blocks(1);
    await other.end(how);
    expect((await waiting).status).toBe(expected);
    expect((await client.call('POST', '/users', { json })).status).toBe(afterwards);
  },
);
