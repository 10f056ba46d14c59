import { expect, test } from '@jest/globals';
import { isActive, refresh, tokensOf } from '#test/contract/tokens.ts';
import type { World } from '#test/contract/world.ts';

export function logoutTests(world: World): void {
  const logOut = (token: string) => world.call('POST', '/auth/logout', { token });

  test('logout ends the whole session, with all pairs that it led to, and no other session', async () => {
    const person = await world.signUp();
    const elsewhere = tokensOf(await world.login(person.email, person.password));
    const next = tokensOf(await refresh(world, person.refreshToken));
    expect((await logOut(person.accessToken)).status).toBe(204);
    expect(await isActive(world, person.accessToken)).toBe(false);
    expect(await isActive(world, next.accessToken)).toBe(false);
    expect((await refresh(world, next.refreshToken)).status).toBe(401);
    expect(await isActive(world, elsewhere.accessToken)).toBe(true);
    expect((await refresh(world, elsewhere.refreshToken)).status).toBe(200);
  });

  test('a second logout with the same token is not authenticated', async () => {
    const { accessToken } = await world.signUp();
    await logOut(accessToken);
    const again = await logOut(accessToken);
    expect([again.status, again.json['code']]).toEqual([401, 'not-authenticated']);
  });

  test('a refresh token does not log out', async () => {
    const person = await world.signUp();
    expect((await logOut(person.refreshToken)).status).toBe(401);
    expect(await isActive(world, person.accessToken)).toBe(true);
  });

  test('a refresh beside a logout leaves no session behind', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => world.signUp()));
    for (const person of people) {
      const [refreshed] = await Promise.all([
        refresh(world, person.refreshToken),
        logOut(person.accessToken),
      ]);
      if (refreshed.status === 200) {
        expect(await isActive(world, tokensOf(refreshed).accessToken)).toBe(false);
        expect((await refresh(world, tokensOf(refreshed).refreshToken)).status).toBe(401);
      }
      expect(await isActive(world, person.accessToken)).toBe(false);
    }
  });
}
