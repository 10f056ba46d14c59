import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { introspectionKey, startUsers, type Member, type Users } from './harness.ts';

let users: Users;
let member: Member;
let admin: Member;
beforeAll(async () => {
  users = await startUsers();
  member = await users.member();
  admin = await users.member({ admin: true });
});
afterAll(() => users.stop());

test.each([
  ['nobody', 401, 'not-authenticated'],
  ['member', 404, 'user-not-found'],
] as const)('an id that can be no id is 404 to %s only when known', async (who, status, code) => {
  for (const id of ['0', '-1', '01', '1.5', '9007199254740993', 'abc', '%00']) {
    const token = who === 'member' ? { token: member.accessToken } : {};
    const answer = await users.call('GET', `/users/${id}`, token);
    expect([id, answer.status, answer.body.code]).toEqual([id, status, code]);
  }
});

test("another user's account is not one's own, whether it is there or not", async () => {
  for (const id of [admin.id, 1_000_000]) {
    const answer = await users.call('GET', `/users/${id}`, { token: member.accessToken });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  }
});

test('an admin reads and changes every account; the status is theirs alone', async () => {
  const path = `/users/${member.id}`;
  expect((await users.call('GET', path, { token: admin.accessToken })).body.id).toBe(member.id);
  const own = { token: member.accessToken, body: { status: 'active' } };
  expect((await users.call('PATCH', path, own)).body.code).toBe('not-allowed');
  const wrong = { token: member.accessToken, body: { status: 'closed' } };
  expect((await users.call('PATCH', path, wrong)).body.code).toBe('validation-failed');
  expect((await users.call('PATCH', path, { ...own, token: admin.accessToken })).status).toBe(200);
});

test('the list is for admins, page by page without gap or overlap', async () => {
  expect((await users.call('GET', '/users', { token: member.accessToken })).status).toBe(403);
  const seen: number[] = [];
  let path = '/users?limit=1';
  for (;;) {
    const { body } = await users.call('GET', path, { token: admin.accessToken });
    seen.push(...body.items.map((user: { id: number }) => user.id));
    if (body.nextCursor === null) break;
    path = `/users?limit=1&cursor=${body.nextCursor}`;
  }
  expect(seen).toEqual([member.id, admin.id]);
});

test('introspection is for holders of the key', async () => {
  const body = { token: member.accessToken };
  const answer = await users.call('POST', '/auth/introspect', { token: introspectionKey, body });
  expect(answer.body).toMatchObject({ active: true, sub: String(member.id), role: 'customer' });
  expect(answer.body.exp - answer.body.iat).toBe(900);
  for (const token of [member.accessToken, `${introspectionKey}x`, undefined]) {
    const refused = await users.call('POST', '/auth/introspect', {
      body,
      ...(token === undefined ? {} : { token }),
    });
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  }
});

test('a profile is set as a whole and deleted once', async () => {
  const path = `/users/${member.id}/profile`;
  const own = { token: member.accessToken };
  expect((await users.call('GET', path, own)).body.code).toBe('profile-not-found');
  await users.call('PUT', path, { ...own, body: { city: 'Lisboa', country: 'PT' } });
  const replaced = await users.call('PUT', path, { ...own, body: { city: 'Porto' } });
  expect(replaced.body).toMatchObject({ city: 'Porto', country: null });
  expect((await users.call('GET', path, own)).body).toEqual(replaced.body);
  expect((await users.call('DELETE', path, own)).status).toBe(204);
  expect((await users.call('DELETE', path, own)).body.code).toBe('profile-not-found');
});

test('a spent access token, a trailing slash and another case lead nowhere', async () => {
  const { body: session } = await users.logIn(member);
  const own = { token: session.accessToken as string };
  expect((await users.call('POST', '/auth/logout', own)).status).toBe(204);
  expect((await users.call('POST', '/auth/logout', own)).status).toBe(401);
  expect((await users.call('POST', '/auth/logout', { token: 'nonsense' })).status).toBe(401);
  for (const path of ['/users/', '/Users', `/users/${member.id}/`, `/users/${member.id}/orders`])
    expect((await users.call('GET', path, own)).body.code).toBe('not-found');
});

test('answers are not for caches', async () => {
  const answer = await users.call('GET', `/users/${member.id}`, { token: member.accessToken });
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(answer.headers).not.toHaveProperty('etag');
});
