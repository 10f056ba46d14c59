import { expect, test } from '@jest/globals';
import type { World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

const whole = {
  displayName: 'Ada 李雷',
  bio: '  First line.\n\tSecond line, with a 🧮.  ',
  phone: '+44 (0)20 7946-0000',
  birthDate: '1985-12-10',
  city: 'London',
  country: 'GB',
  locale: 'en-GB',
  timeZone: 'Europe/London',
};

const empty = Object.fromEntries(Object.keys(whole).map((field) => [field, null]));

export function profileTests(world: World): void {
  async function begin() {
    const { id, accessToken: token } = await world.signUp();
    const path = `/users/${id}/profile`;
    return {
      get: () => world.call('GET', path, { token }),
      put: (json: unknown) => world.call('PUT', path, { token, json }),
      remove: () => world.call('DELETE', path, { token }),
      path,
    };
  }

  test('a new user has no profile until they set one', async () => {
    const profile = await begin();
    expect((await profile.get()).json['code']).toBe('profile-not-found');
    const put = await profile.put(whole);
    expect(put.status).toBe(200);
    expect(put.json).toEqual({ ...whole, updatedAt: expect.any(String) });
    expect((await profile.get()).json).toEqual(put.json);
  });

  test('a profile is replaced as a whole: what is missing becomes null', async () => {
    const profile = await begin();
    await profile.put(whole);
    const replaced = await profile.put({ city: 'Paris', bio: null });
    expect(replaced.json).toEqual({ ...empty, city: 'Paris', updatedAt: expect.any(String) });
    expect((await profile.get()).json).toEqual(replaced.json);
    expect((await profile.put({})).json).toMatchObject(empty);
  });

  test('a profile is deleted once, and can be set again', async () => {
    const profile = await begin();
    await profile.put(whole);
    expect((await profile.remove()).status).toBe(204);
    expect((await profile.get()).json['code']).toBe('profile-not-found');
    const again = await profile.remove();
    expect([again.status, again.json['code']]).toEqual([404, 'profile-not-found']);
    expect((await profile.put({})).status).toBe(200);
  });

  test('an admin sees and sets the profile of another', async () => {
    const profile = await begin();
    const token = world.system.adminToken;
    const put = await world.call('PUT', profile.path, { token, json: { city: 'Oslo' } });
    expect((await profile.get()).json).toEqual(put.json);
  });

  test('of several who set a profile at once, one is there in the end', async () => {
    const profile = await begin();
    const cities = ['Oslo', 'Rome', 'Lima', 'Bonn'];
    const answers = await Promise.all(cities.map((city) => profile.put({ city, bio: city })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { json } = await profile.get();
    expect(cities).toContain(json['city']);
    expect(json['bio']).toBe(json['city']);
  });

  test.each([
    [{ displayName: ` ${'𝒜'.repeat(100)} ` }, { displayName: '𝒜'.repeat(100) }],
    [{ bio: '🧮'.repeat(2_000) }, { bio: '🧮'.repeat(2_000) }],
    [{ phone: ' 112 ' }, { phone: '112' }],
    [{ birthDate: '2000-02-29' }, { birthDate: '2000-02-29' }],
    [{ birthDate: '1900-01-01' }, { birthDate: '1900-01-01' }],
    [{ locale: 'zh-Hant-TW' }, { locale: 'zh-Hant-TW' }],
    [{ locale: 'pt-br' }, { locale: 'pt-br' }],
    [{ timeZone: 'America/Argentina/Buenos_Aires' }, { timeZone: 'America/Argentina/Buenos_Aires' }],
    [{ timeZone: 'Etc/GMT+12' }, { timeZone: 'Etc/GMT+12' }],
    [{ timeZone: 'UTC' }, { timeZone: 'UTC' }],
  ])('a field is taken at the edge of what is right: case %#', async (fields, kept) => {
    const profile = await begin();
    expect((await profile.put(fields)).json).toMatchObject(kept);
  });

  test.each([
    { displayName: '' },
    { displayName: '   ' },
    { displayName: 'x'.repeat(101) },
    { displayName: 7 },
    { bio: '' },
    { bio: '🧮'.repeat(2_001) },
    { bio: 'a\u0000b' },
    { phone: '12' },
    { phone: 'call me' },
    { phone: '1+1' },
    { phone: '1'.repeat(33) },
    { birthDate: '2023-02-29' },
    { birthDate: '2000-13-01' },
    { birthDate: '1899-12-31' },
    { birthDate: '9999-01-01' },
    { birthDate: '2000-1-1' },
    { birthDate: '2000-01-01T00:00:00Z' },
    { city: '' },
    { city: 'x'.repeat(101) },
    { country: 'gb' },
    { country: 'GBR' },
    { country: '' },
    { locale: 'not a locale' },
    { locale: 'x' },
    { locale: '' },
    { timeZone: 'Middle/Earth' },
    { timeZone: '+01:00' },
    { timeZone: '' },
    { updatedAt: '2026-01-02T03:04:05.678Z' },
    { userId: 1 },
  ])('a wrong field is refused by name, and the profile stays: case %#', async (fields) => {
    const profile = await begin();
    await profile.put({ city: 'Bergen' });
    const refused = await profile.put({ ...fields });
    expect(refused.status).toBe(422);
    const [field] = Object.keys(fields);
    const known = field !== undefined && field in whole;
    expect(wrongFields(refused)).toEqual([known ? `body.${field}` : 'body']);
    expect((await profile.get()).json['city']).toBe('Bergen');
  });
}
