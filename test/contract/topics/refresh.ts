import { expect, test } from '@jest/globals';
import { statusesOf } from '#test/contract/statuses.ts';
import { isActive, refresh, tokensOf, tampered } from '#test/contract/tokens.ts';
import type { World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

export function refreshTests(world: World): void {
  test('a refresh token is traded for a new pair, and the earlier access token stays valid', async () => {
    const person = await world.signUp();
    const answer = await refresh(world, person.refreshToken);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ userId: person.id, tokenType: 'Bearer', expiresIn: 900 });
    const next = tokensOf(answer);
    expect(new Set([person.accessToken, person.refreshToken, next.accessToken, next.refreshToken]).size).toBe(
      4,
    );
    expect(await isActive(world, next.accessToken)).toBe(true);
    expect(await isActive(world, person.accessToken)).toBe(true);
  });

  test('a chain of refreshes goes on', async () => {
    let { refreshToken } = await world.signUp();
    for (let round = 0; round < 5; round += 1) {
      const answer = await refresh(world, refreshToken);
      expect(answer.status).toBe(200);
      ({ refreshToken } = tokensOf(answer));
    }
  });

  test('a spent refresh token that comes again ends the whole session, and no other session', async () => {
    const person = await world.signUp();
    const elsewhere = tokensOf(await world.login(person.email, person.password));
    const next = tokensOf(await refresh(world, person.refreshToken));
    const reused = await refresh(world, person.refreshToken);
    expect([reused.status, reused.json['code']]).toEqual([401, 'invalid-refresh-token']);
    expect((await refresh(world, next.refreshToken)).status).toBe(401);
    expect(await isActive(world, next.accessToken)).toBe(false);
    expect(await isActive(world, person.accessToken)).toBe(false);
    expect(await isActive(world, elsewhere.accessToken)).toBe(true);
    expect((await refresh(world, elsewhere.refreshToken)).status).toBe(200);
  });

  test('a token spent several rounds ago ends the session as well', async () => {
    const person = await world.signUp();
    const second = tokensOf(await refresh(world, person.refreshToken));
    const third = tokensOf(await refresh(world, second.refreshToken));
    expect((await refresh(world, person.refreshToken)).status).toBe(401);
    expect((await refresh(world, third.refreshToken)).status).toBe(401);
  });

  test('of four requests at once with one token exactly one gets a pair, and the session has ended', async () => {
    const person = await world.signUp();
    const answers = await Promise.all(Array.from({ length: 4 }, () => refresh(world, person.refreshToken)));
    expect(statusesOf(answers)).toEqual([200, 401, 401, 401]);
    const winner = answers.find(({ status }) => status === 200);
    if (winner === undefined) throw new Error('no request won');
    expect(await isActive(world, tokensOf(winner).accessToken)).toBe(false);
    expect((await refresh(world, tokensOf(winner).refreshToken)).status).toBe(401);
    expect((await world.login(person.email, person.password)).status).toBe(200);
  });

  test('an access token is no refresh token', async () => {
    const person = await world.signUp();
    expect((await refresh(world, person.accessToken)).status).toBe(401);
    expect(await isActive(world, person.accessToken)).toBe(true);
  });

  test.each([
    'x',
    '0.x',
    `1.${'A'.repeat(43)}`,
    `9007199254740993.${'A'.repeat(43)}`,
    'x'.repeat(512),
    '1.\n',
  ])('what is no token of ours does not count: case %#', async (token) => {
    const refused = await refresh(world, token);
    expect([refused.status, refused.json['code']]).toEqual([401, 'invalid-refresh-token']);
  });

  test("a token does not count under another's id, nor with another secret", async () => {
    const [one, other] = await Promise.all([world.signUp(), world.signUp()]);
    const [, secret] = one.refreshToken.split('.');
    expect((await refresh(world, `${other.id}.${secret}`)).status).toBe(401);
    expect((await refresh(world, tampered(one.refreshToken))).status).toBe(401);
    expect((await refresh(world, one.refreshToken)).status).toBe(200);
  });

  test.each([
    [{}],
    [{ refreshToken: '' }],
    [{ refreshToken: 'x'.repeat(513) }],
    [{ refreshToken: 'a\u0000' }],
    [{ refreshToken: 1 }],
  ])('wrong fields are refused: case %#', async (json) => {
    const refused = await world.call('POST', '/auth/refresh', { json });
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual(['body.refreshToken']);
  });
}
