import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openAuthDelegation, type AuthDelegation } from '#monolith/auth-delegation/delegation.ts';
import { parseAuthDelegation } from '#monolith/auth-delegation/setting.ts';
import { localCallerCheck } from '#monolith/users/local-caller-check.ts';
import { introspectionKey, startUsers, type Users } from '#test/monolith/users/harness.ts';

let users: Users;
let delegations: Record<string, AuthDelegation>;

beforeAll(async () => {
  users = await startUsers();
  const parts = { local: localCallerCheck(users.models), introspectionKey };
  delegations = {
    local: openAuthDelegation(parseAuthDelegation('local'), parts),
    remote: openAuthDelegation(parseAuthDelegation(users.url), parts),
  };
});
afterAll(async () => {
  for (const delegation of Object.values(delegations)) await delegation.close();
  await users.stop();
});

test.each(['local', 'remote'])('%s: a session counts from login to logout', async (kind) => {
  const check = delegations[kind]?.checkCaller ?? (() => Promise.reject(new Error(kind)));
  const member = await users.member();
  const admin = await users.member({ admin: true });
  expect(await check(member.accessToken)).toEqual({ userId: member.id, role: 'customer' });
  expect(await check(admin.accessToken)).toEqual({ userId: admin.id, role: 'admin' });
  expect(await check(member.refreshToken)).toBeUndefined();
  expect(await check('nonsense')).toBeUndefined();

  await users.call('POST', '/auth/logout', { token: member.accessToken });
  expect(await check(member.accessToken)).toBeUndefined();
  await users.call('PATCH', `/users/${admin.id}`, {
    token: admin.accessToken,
    body: { status: 'suspended' },
  });
  expect(await check(admin.accessToken)).toBeUndefined();
});
