import { expect, test } from '@jest/globals';
import { statusesOf } from '#test/contract/statuses.ts';
import type { World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

export function preferenceTests(world: World): void {
  async function begin() {
    const { id, accessToken: token } = await world.signUp();
    const path = `/users/${id}/preferences`;
    return {
      path,
      list: () => world.call('GET', path, { token }),
      put: (key: string, value: unknown) => world.call('PUT', `${path}/${key}`, { token, json: { value } }),
      remove: (key: string) => world.call('DELETE', `${path}/${key}`, { token }),
    };
  }

  test('a new user has no preferences', async () => {
    const preferences = await begin();
    expect((await preferences.list()).json).toEqual({ items: {} });
  });

  test('a preference is set, replaced and deleted', async () => {
    const preferences = await begin();
    const put = await preferences.put('theme', 'dark');
    expect(put.json).toEqual({ key: 'theme', value: 'dark', updatedAt: expect.any(String) });
    const replaced = await preferences.put('theme', 'light');
    expect(replaced.json['value']).toBe('light');
    expect((await preferences.list()).json).toEqual({ items: { theme: 'light' } });
    expect((await preferences.remove('theme')).status).toBe(204);
    const again = await preferences.remove('theme');
    expect([again.status, again.json['code']]).toEqual([404, 'preference-not-found']);
    expect((await preferences.list()).json).toEqual({ items: {} });
  });

  test('keys are listed in the order of their bytes', async () => {
    const preferences = await begin();
    const keys = ['ab', 'a', 'a_b', 'a0', 'a.b', 'a-b', 'b'];
    for (const key of keys) await preferences.put(key, key);
    const { json } = await preferences.list();
    expect(Object.keys(json['items'] as object)).toEqual(['a', 'a-b', 'a.b', 'a0', 'a_b', 'ab', 'b']);
  });

  test.each(['constructor', 'prototype', 'hasownproperty', 'x'.repeat(64), 'z9_.-'])(
    'a key like any other, whatever JavaScript makes of it: %s',
    async (key) => {
      const preferences = await begin();
      expect((await preferences.put(key, 'one')).status).toBe(200);
      expect((await preferences.list()).text).toBe(JSON.stringify({ items: { [key]: 'one' } }));
      expect((await preferences.remove(key)).status).toBe(204);
    },
  );

  test('a key is read after its percent-encoding', async () => {
    const preferences = await begin();
    expect((await preferences.put('%74heme', 'dark')).json['key']).toBe('theme');
  });

  test.each([
    '__proto__',
    'Theme',
    '9lives',
    '_x',
    '.x',
    'x y',
    'th%C3%A9me',
    'x'.repeat(65),
    'a,b',
    'a:b',
    'a%0A',
  ])('what is no key is refused: %s', async (key) => {
    const preferences = await begin();
    const path = key.replace(' ', '%20');
    for (const refused of [await preferences.put(path, 'x'), await preferences.remove(path)]) {
      expect(refused.status).toBe(422);
      expect(wrongFields(refused)).toEqual(['path.key']);
    }
    expect((await preferences.list()).json).toEqual({ items: {} });
  });

  test.each(['', ' kept ', '🧮'.repeat(2_000), '{"a":1}'])(
    'a value is kept unchanged: case %#',
    async (value) => {
      const preferences = await begin();
      expect((await preferences.put('key', value)).json['value']).toBe(value);
      expect((await preferences.list()).json).toEqual({ items: { key: value } });
    },
  );

  test.each([['🧮'.repeat(2_001)], ['a\u0000b'], ['\ud83d'], [7], [true], [null], [{}], [undefined]])(
    'a wrong value is refused: case %#',
    async (value) => {
      const preferences = await begin();
      const refused = await preferences.put('key', value);
      expect(refused.status).toBe(422);
      expect(wrongFields(refused)).toEqual(['body.value']);
    },
  );

  test('a user has at most 200 keys: of several at once only one becomes the 200th, and old ones can still be set', async () => {
    const preferences = await begin();
    for (let first = 0; first < 199; first += 20) {
      const keys = Array.from({ length: Math.min(20, 199 - first) }, (_, n) => `key-${first + n}`);
      await Promise.all(keys.map((key) => preferences.put(key, 'x')));
    }
    const more = await Promise.all(['a', 'b', 'c', 'd'].map((key) => preferences.put(key, 'x')));
    expect(statusesOf(more)).toEqual([200, 409, 409, 409]);
    const refused = await preferences.put('one-more', 'x');
    expect([refused.status, refused.json['code']]).toEqual([409, 'too-many-preferences']);
    expect((await preferences.put('key-0', 'new')).status).toBe(200);
    const { json } = await preferences.list();
    expect(Object.keys(json['items'] as object)).toHaveLength(200);
    await preferences.remove('key-1');
    expect((await preferences.put('one-more', 'x')).status).toBe(200);
  });

  test('of several who set one key at once, one is there in the end', async () => {
    const preferences = await begin();
    const answers = await Promise.all(['1', '2', '3', '4'].map((value) => preferences.put('key', value)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { json } = await preferences.list();
    expect(['1', '2', '3', '4']).toContain((json['items'] as Record<string, string>)['key']);
  });
}
