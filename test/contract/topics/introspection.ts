import { expect, test } from '@jest/globals';
import { introspect, isActive, tampered } from '#test/contract/tokens.ts';
import type { World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

export function introspectionTests(world: World): void {
  test('an access token names its user, role and the 15 minutes in which it is valid', async () => {
    const { id, accessToken } = await world.signUp();
    const { status, json } = await introspect(world, accessToken);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      active: true,
      sub: String(id),
      userId: id,
      role: 'customer',
      tokenType: 'Bearer',
    });
    expect(Number(json['exp']) - Number(json['iat'])).toBe(900);
    // Some minutes of grace for clocks that differ.
    expect(Math.abs(Number(json['iat']) - Date.now() / 1_000)).toBeLessThan(300);
  });

  test("an admin's token says so", async () => {
    expect((await introspect(world, world.system.adminToken)).json).toMatchObject({
      active: true,
      role: 'admin',
    });
  });

  test('a refresh token is not active', async () => {
    expect(await isActive(world, (await world.signUp()).refreshToken)).toBe(false);
  });

  test.each(['x', 'Bearer', `1.${'A'.repeat(43)}`, 'x'.repeat(512), '👻', ' '])(
    'what is no token is not active: case %#',
    async (token) => {
      expect((await introspect(world, token)).json).toEqual({ active: false });
    },
  );

  test("a token is not active under another's id, nor with another secret, nor with something around it", async () => {
    const [one, other] = await Promise.all([world.signUp(), world.signUp()]);
    const [, secret] = one.accessToken.split('.');
    expect(await isActive(world, `${other.id}.${secret}`)).toBe(false);
    expect(await isActive(world, tampered(one.accessToken))).toBe(false);
    expect(await isActive(world, `0${one.accessToken}`)).toBe(false);
    expect(await isActive(world, `${one.accessToken}\n`)).toBe(false);
  });

  test.each(['Bearer', 'Basic', ''])('nobody asks without the key, not even an admin: %s', async (scheme) => {
    const { adminToken } = world.system;
    const headers = scheme === '' ? {} : { authorization: `${scheme} ${adminToken}` };
    // Who may ask comes before what they ask.
    const refused = await world.call('POST', '/auth/introspect', { headers, json: { wrong: true } });
    expect([refused.status, refused.json['code']]).toEqual([401, 'not-authenticated']);
  });

  test('nearly the key is not the key', async () => {
    const { introspectionKey: key } = world.system;
    for (const token of [
      key.slice(0, -1),
      `${key}x`,
      key.toUpperCase() === key ? key.toLowerCase() : key.toUpperCase(),
    ]) {
      expect((await world.call('POST', '/auth/introspect', { token, json: { token: 'x' } })).status).toBe(
        401,
      );
    }
  });

  test.each([[{}], [{ token: '' }], [{ token: 'x'.repeat(513) }], [{ token: 'a\u0000' }], [{ token: null }]])(
    'wrong fields are refused: case %#',
    async (json) => {
      const token = world.system.introspectionKey;
      const refused = await world.call('POST', '/auth/introspect', { token, json });
      expect(refused.status).toBe(422);
      expect(wrongFields(refused)).toEqual(['body.token']);
    },
  );
}
