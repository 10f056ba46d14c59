import { expect, test } from '@jest/globals';
import { isActive, refresh, tokensOf } from '#test/contract/tokens.ts';
import type { World } from '#test/contract/world.ts';

export function suspensionTests(world: World): void {
  test('a suspended user is told so after the right password alone', async () => {
    const { id, email, password } = await world.signUp();
    await world.setStatus(id, 'suspended');
    const right = await world.login(email, password);
    expect([right.status, right.json['code']]).toEqual([403, 'account-suspended']);
    const wrong = await world.login(email, 'not the password');
    expect([wrong.status, wrong.json['code']]).toEqual([401, 'invalid-credentials']);
  });

  test('a suspended user is no caller any more, at once', async () => {
    const { id, accessToken: token } = await world.signUp();
    await world.setStatus(id, 'suspended');
    expect(await isActive(world, token)).toBe(false);
    expect((await world.call('GET', `/users/${id}`, { token })).status).toBe(401);
    expect((await world.call('DELETE', `/users/${id}`, { token })).status).toBe(401);
    expect((await world.call('POST', '/auth/logout', { token })).status).toBe(401);
  });

  test('when the suspension is lifted, tokens count again, and the refresh token has not been spent', async () => {
    const { id, accessToken, refreshToken } = await world.signUp();
    await world.setStatus(id, 'suspended');
    const refused = await refresh(world, refreshToken);
    expect([refused.status, refused.json['code']]).toEqual([401, 'invalid-refresh-token']);
    await world.setStatus(id, 'active');
    expect(await isActive(world, accessToken)).toBe(true);
    expect((await refresh(world, refreshToken)).status).toBe(200);
  });

  test('a spent token that comes again during a suspension ends the session all the same', async () => {
    const { id, refreshToken } = await world.signUp();
    const next = tokensOf(await refresh(world, refreshToken));
    await world.setStatus(id, 'suspended');
    expect((await refresh(world, refreshToken)).status).toBe(401);
    await world.setStatus(id, 'active');
    expect(await isActive(world, next.accessToken)).toBe(false);
    expect((await refresh(world, next.refreshToken)).status).toBe(401);
  });

  test('an admin still sees and changes a suspended user, whose e-mail address stays taken', async () => {
    const { id, email, password } = await world.signUp();
    await world.setStatus(id, 'suspended');
    const token = world.system.adminToken;
    expect((await world.call('GET', `/users/${id}`, { token })).json).toMatchObject({
      id,
      status: 'suspended',
    });
    expect((await world.call('PATCH', `/users/${id}`, { token, json: { name: 'Gone' } })).json['name']).toBe(
      'Gone',
    );
    expect((await world.call('PUT', `/users/${id}/profile`, { token, json: {} })).status).toBe(200);
    const again = { email, name: 'Again', password };
    expect((await world.call('POST', '/users', { json: again })).status).toBe(409);
  });
}
