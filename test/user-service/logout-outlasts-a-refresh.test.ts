import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf } from './client.ts';
import { openTransaction } from './held-lock.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;

beforeAll(async () => {
  system = await startUserServiceUnderTest();
});
afterAll(() => system.stop());

test.each(['refresh', 'logout'] as const)(
  'no token of a session is left when %s comes first',
  async (first) => {
    const client = clientOf(system.url);
    const person = await client.signUp(`${first}@example.com`);
    const other = await openTransaction(system.database);
    await other.query('select from accounts where user_id = $1 for update', [person.id]);
    const steps = {
      refresh: () => client.refresh(person.refreshToken),
      logout: () => client.call('POST', '/auth/logout', { token: person.accessToken }),
    };
    const one = steps[first]();
    await other.blocks(1);
    const two = steps[first === 'refresh' ? 'logout' : 'refresh']();
    await other.blocks(2);
    await other.end('commit');
    const statuses = [(await one).status, (await two).status];
    expect(statuses).toEqual(first === 'refresh' ? [200, 204] : [204, 401]);
    expect(await system.database.query('select from tokens where user_id = $1', [person.id])).toEqual([]);
  },
);
