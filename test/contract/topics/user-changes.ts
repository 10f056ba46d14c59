import { expect, test } from '@jest/globals';
import { statusesOf } from '#test/contract/statuses.ts';
import { freshEmail, type World } from '#test/contract/world.ts';

export function userChangeTests(world: World): void {
  test('a user changes their name, and nothing else with it', async () => {
    const { id, accessToken: token } = await world.signUp();
    const before = await world.call('GET', `/users/${id}`, { token });
    const changed = await world.call('PATCH', `/users/${id}`, { token, json: { name: ' Grace Hopper ' } });
    expect(changed.status).toBe(200);
    const { updatedAt, ...rest } = changed.json;
    expect(rest).toEqual({ ...before.json, name: 'Grace Hopper', updatedAt: undefined });
    expect(Date.parse(String(updatedAt))).toBeGreaterThanOrEqual(
      Date.parse(String(before.json['updatedAt'])),
    );
    expect((await world.call('GET', `/users/${id}`, { token })).json).toEqual(changed.json);
  });

  test('a user moves to another e-mail address: they log in with it, and the old one is free', async () => {
    const person = await world.signUp();
    const email = freshEmail();
    const changed = await world.call('PATCH', `/users/${person.id}`, {
      token: person.accessToken,
      json: { email: email.toUpperCase() },
    });
    expect(changed.json['email']).toBe(email);
    expect((await world.login(email, person.password)).status).toBe(200);
    expect((await world.login(person.email, person.password)).status).toBe(401);
    const next = { email: person.email, name: 'Next', password: person.password };
    expect((await world.call('POST', '/users', { json: next })).status).toBe(201);
  });

  test('a user may set the e-mail address that they have', async () => {
    const { id, email, accessToken: token } = await world.signUp();
    const changed = await world.call('PATCH', `/users/${id}`, { token, json: { email } });
    expect([changed.status, changed.json['email']]).toEqual([200, email]);
  });

  test("another's e-mail address is refused, and then nothing has changed", async () => {
    const [one, other] = await Promise.all([world.signUp(), world.signUp()]);
    const refused = await world.call('PATCH', `/users/${one.id}`, {
      token: one.accessToken,
      json: { email: other.email, name: 'Thief' },
    });
    expect([refused.status, refused.json['code']]).toEqual([409, 'email-taken']);
    const found = await world.call('GET', `/users/${one.id}`, { token: one.accessToken });
    expect(found.json).toMatchObject({ email: one.email, name: 'Somebody' });
  });

  test('of two who move to one e-mail address at once, one gets it', async () => {
    const people = await Promise.all([world.signUp(), world.signUp()]);
    const email = freshEmail();
    const answers = await Promise.all(
      people.map(({ id, accessToken: token }) =>
        world.call('PATCH', `/users/${id}`, { token, json: { email } }),
      ),
    );
    expect(statusesOf(answers)).toEqual([200, 409]);
  });

  test('an admin changes name, e-mail and status of another at once', async () => {
    const { id } = await world.signUp();
    const json = { email: freshEmail(), name: 'Renamed', status: 'suspended' };
    const changed = await world.call('PATCH', `/users/${id}`, { token: world.system.adminToken, json });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({ id, ...json, role: 'customer' });
  });

  test('nobody but an admin sets a status, not even their own, and the rest of that request has no effect', async () => {
    const { id, accessToken: token } = await world.signUp();
    const refused = await world.call('PATCH', `/users/${id}`, {
      token,
      json: { status: 'active', name: 'New' },
    });
    expect([refused.status, refused.json['code']]).toEqual([403, 'not-allowed']);
    expect((await world.call('GET', `/users/${id}`, { token })).json['name']).toBe('Somebody');
  });

  test.each([
    [{}],
    [{ name: null }],
    [{ name: '' }],
    [{ email: 'plain' }],
    [{ email: 'closed-1@invalid' }],
    [{ status: 'closed' }],
    [{ status: 'ACTIVE' }],
    [{ role: 'admin' }],
    [{ password: 'another password' }],
    [[]],
  ])('wrong changes are refused, also to an admin: %j', async (json) => {
    const { id } = await world.signUp();
    const refused = await world.call('PATCH', `/users/${id}`, { token: world.system.adminToken, json });
    expect([refused.status, refused.json['code']]).toEqual([422, 'validation-failed']);
  });
}
