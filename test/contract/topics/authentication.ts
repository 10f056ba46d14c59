import { expect, test } from '@jest/globals';
import { tampered } from '#test/contract/tokens.ts';
import { pathFor, rightCall, tables } from '#test/contract/table.ts';
import type { World } from '#test/contract/world.ts';

export function authenticationTests(world: World): void {
  test.each(tables.withAccessToken)(
    '%s asks who calls before it looks at the rest',
    async (_name, operation) => {
      const { adminToken, introspectionKey } = world.system;
      const { refreshToken } = await world.signUp();
      const credentials = [
        undefined,
        '',
        'Bearer',
        'Bearer ',
        adminToken,
        `Basic ${adminToken}`,
        `Bearer ${tampered(adminToken)}`,
        `Bearer ${refreshToken}`,
        `Bearer ${introspectionKey}`,
        `Bearer ${adminToken} ${adminToken}`,
        `Bearer ${'x'.repeat(2_000)}`,
      ];
      for (const authorization of credentials) {
        const refused = await world.call(operation.method, pathFor(operation, 'no-id'), {
          headers: authorization === undefined ? {} : { authorization },
          ...(operation.requestSchema === undefined ? {} : { json: { wrong: true } }),
        });
        expect([authorization, refused.status, refused.json['code']]).toEqual([
          authorization,
          401,
          'not-authenticated',
        ]);
      }
    },
  );

  test('the scheme is read in any case', async () => {
    const { id, accessToken } = await world.signUp();
    const found = await world.call('GET', `/users/${id}`, {
      headers: { authorization: `bEARER  ${accessToken}` },
    });
    expect(found.status).toBe(200);
  });

  test('a token in the query is none', async () => {
    const { id, accessToken } = await world.signUp();
    const refused = await world.call('GET', `/users/${id}?access_token=${accessToken}`);
    expect(refused.status).toBe(401);
  });

  test('sign-up, login and refresh do not mind a token that does not count', async () => {
    const token = 'nobody';
    const { refreshToken, email, password } = await world.signUp();
    const login = await world.call('POST', '/auth/login', { token, json: { email, password } });
    const refreshed = await world.call('POST', '/auth/refresh', { token, json: { refreshToken } });
    expect([login.status, refreshed.status]).toEqual([200, 200]);
  });

  test.each(tables.aboutOneUser)('%s is answered to an admin', async (_name, operation) => {
    const { id, accessToken: token } = await world.signUp();
    await world.call('PUT', `/users/${id}/profile`, { token, json: {} });
    await world.call('PUT', `/users/${id}/preferences/theme`, { token, json: { value: 'dark' } });
    const answer = await world.call(operation.method, pathFor(operation, id), rightCall(world, operation));
    expect([200, 204]).toContain(answer.status);
  });
}
