import { expect, test } from '@jest/globals';
import { statusesOf } from '#test/contract/statuses.ts';
import { operations } from '#test/contract/description.ts';
import { isActive, refresh, tokensOf } from '#test/contract/tokens.ts';
import { pathFor } from '#test/contract/table.ts';
import type { World } from '#test/contract/world.ts';

export function closingTests(world: World): void {
  const admin = () => ({ token: world.system.adminToken });

  test('a user closes their account once; their own token is gone with it', async () => {
    const { id, accessToken: token } = await world.signUp();
    expect((await world.call('DELETE', `/users/${id}`, { token })).status).toBe(204);
    expect((await world.call('DELETE', `/users/${id}`, { token })).status).toBe(401);
    const again = await world.call('DELETE', `/users/${id}`, admin());
    expect([again.status, again.json['code']]).toEqual([404, 'user-not-found']);
  });

  test('an admin closes the account of another', async () => {
    const { id, accessToken: token } = await world.signUp();
    expect((await world.call('DELETE', `/users/${id}`, admin())).status).toBe(204);
    expect((await world.call('GET', `/users/${id}`, { token })).status).toBe(401);
  });

  test('nothing of a closed account counts or can be seen', async () => {
    const person = await world.signUp();
    const { id, accessToken: token } = person;
    await world.call('PUT', `/users/${id}/profile`, { token, json: { city: 'Oslo' } });
    await world.call('PUT', `/users/${id}/preferences/theme`, { token, json: { value: 'dark' } });
    const elsewhere = tokensOf(await world.login(person.email, person.password));
    await world.call('DELETE', `/users/${id}`, { token });
    expect(await isActive(world, token)).toBe(false);
    expect(await isActive(world, elsewhere.accessToken)).toBe(false);
    expect((await refresh(world, elsewhere.refreshToken)).status).toBe(401);
    for (const email of [person.email, `closed-${id}@invalid`]) {
      const login = await world.login(email, person.password);
      expect([login.status, login.json['code']]).toEqual([401, 'invalid-credentials']);
    }
    for (const operation of operations.filter(({ path }) => path.includes('{id}'))) {
      const call = { ...admin(), ...(operation.requestSchema ? { json: operation.requestExample } : {}) };
      const answer = await world.call(operation.method, pathFor(operation, id), call);
      expect([operation.operationId, answer.status, answer.json['code']]).toEqual([
        operation.operationId,
        404,
        'user-not-found',
      ]);
    }
  });

  test('a closed account is absent from lists', async () => {
    const { id } = await world.signUp();
    // The page that would begin with this user.
    const page = `/users?limit=1&cursor=${Buffer.from(String(id - 1)).toString('base64url')}`;
    const ids = async () =>
      ((await world.call('GET', page, admin())).json['items'] as { id: number }[]).map((u) => u.id);
    expect(await ids()).toEqual([id]);
    await world.call('DELETE', `/users/${id}`, admin());
    expect(await ids()).not.toContain(id);
  });

  test('a suspended account can be closed', async () => {
    const { id } = await world.signUp();
    await world.setStatus(id, 'suspended');
    expect((await world.call('DELETE', `/users/${id}`, admin())).status).toBe(204);
    const lifted = await world.call('PATCH', `/users/${id}`, { ...admin(), json: { status: 'active' } });
    expect(lifted.status).toBe(404);
  });

  test('the e-mail address of a closed account can be used again, by a new and empty account, and closed again', async () => {
    const person = await world.signUp();
    const { email, password } = person;
    await world.call('PUT', `/users/${person.id}/profile`, { ...admin(), json: { city: 'Oslo' } });
    await world.call('DELETE', `/users/${person.id}`, admin());
    const created = await world.call('POST', '/users', { json: { email, name: 'Next', password } });
    expect(created.status).toBe(201);
    const id = Number(created.json['id']);
    expect(id).not.toBe(person.id);
    const { accessToken: token } = tokensOf(await world.login(email, password));
    expect((await world.call('GET', `/users/${id}/profile`, { token })).json['code']).toBe(
      'profile-not-found',
    );
    expect((await world.call('GET', `/users/${person.id}`, { token })).status).toBe(403);
    expect((await world.call('DELETE', `/users/${id}`, { token })).status).toBe(204);
    expect((await world.call('POST', '/users', { json: { email, name: 'Third', password } })).status).toBe(
      201,
    );
  });

  test('of several who close an account at once, one does it', async () => {
    const { id } = await world.signUp();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => world.call('DELETE', `/users/${id}`, admin())),
    );
    expect(statusesOf(answers)).toEqual([204, 404, 404, 404]);
  });

  test('a login, a profile or a preference beside the closing leaves nothing that counts', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => world.signUp()));
    for (const { id, email, password } of people) {
      const [login, profile, preference] = await Promise.all([
        world.login(email, password),
        world.call('PUT', `/users/${id}/profile`, { ...admin(), json: { city: 'Oslo' } }),
        world.call('PUT', `/users/${id}/preferences/theme`, { ...admin(), json: { value: 'dark' } }),
        world.call('DELETE', `/users/${id}`, admin()),
      ]);
      expect([200, 404]).toContain(profile.status);
      expect([200, 404]).toContain(preference.status);
      expect([200, 401]).toContain(login.status);
      if (login.status === 200) expect(await isActive(world, tokensOf(login).accessToken)).toBe(false);
    }
  });
}
