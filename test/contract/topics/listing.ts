import { expect, test } from '@jest/globals';
import type { World } from '#test/contract/world.ts';
import { wrongFields } from '#test/contract/wrong-fields.ts';

interface Listed {
  readonly id: number;
}

const mostPages = 1_000;

export function listingTests(world: World): void {
  const list = (query: string) => world.call('GET', `/users${query}`, { token: world.system.adminToken });

  async function walk(limit: number): Promise<{ readonly users: Listed[]; readonly pages: number[] }> {
    const users: Listed[] = [];
    const pages: number[] = [];
    let query = `?limit=${limit}`;
    while (pages.length < mostPages) {
      const { json } = await list(query);
      const items = json['items'] as Listed[];
      users.push(...items);
      pages.push(items.length);
      const cursor = json['nextCursor'];
      if (typeof cursor !== 'string') return { users, pages };
      query = `?limit=${limit}&cursor=${cursor}`;
    }
    throw new Error(`the list did not end within ${mostPages} pages`);
  }

  test('pages hold every user once, by rising id, each as the user alone is shown', async () => {
    const people = await Promise.all(Array.from({ length: 3 }, () => world.signUp()));
    const { users } = await walk(100);
    const ids = users.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    for (const { id, accessToken: token } of people) {
      const alone = await world.call('GET', `/users/${id}`, { token });
      expect(users.find((user) => user.id === id)).toEqual(alone.json);
    }
  });

  test('a full last page has no next one', async () => {
    const { users } = await walk(100);
    const divisors = Array.from({ length: 100 }, (_, n) => 100 - n).filter(
      (limit) => users.length % limit === 0,
    );
    const { pages } = await walk(divisors[0] ?? 1);
    expect(new Set(pages).size).toBe(1);
    expect(pages.length * (pages[0] ?? 0)).toBe(users.length);
  });

  test('without a limit a page has at most 50', async () => {
    const [asked, plain] = await Promise.all([list('?limit=50'), list('')]);
    expect(plain.json).toEqual(asked.json);
  });

  test('a user who comes while somebody pages is on a later page', async () => {
    const first = await list('?limit=1');
    const { id } = await world.signUp();
    let cursor = first.json['nextCursor'];
    const seen: number[] = [];
    while (typeof cursor === 'string') {
      const { json } = await list(`?limit=100&cursor=${cursor}`);
      seen.push(...(json['items'] as Listed[]).map((user) => user.id));
      cursor = json['nextCursor'];
    }
    expect(seen).toContain(id);
    expect(seen).not.toContain((first.json['items'] as Listed[])[0]?.id);
  });

  test('a cursor says where the page before ended, alike in both systems', async () => {
    const { json } = await list('?limit=1');
    const [user] = json['items'] as Listed[];
    expect(json['nextCursor']).toBe(Buffer.from(String(user?.id)).toString('base64url'));
  });

  test('unknown query parameters are passed over', async () => {
    expect((await list('?limit=1&colour=red')).status).toBe(200);
  });

  test.each([
    '0',
    '101',
    '-1',
    '+5',
    '05',
    '1.5',
    '1e1',
    'abc',
    '',
    '%201',
    '10000000000000000000',
    '5&limit=5',
  ])('a limit that is no whole number from 1 to 100 is refused: %s', async (limit) => {
    const refused = await list(`?limit=${limit}`);
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual(['query.limit']);
  });

  test.each([
    ['empty', ''],
    ['no base64url', '***'],
    ['no number', 'YWJj'],
    ['zero', 'MA'],
    ['negative', 'LTE'],
    ['a fraction', 'MS41'],
    ['a leading zero', 'MDU'],
    ['padded', 'NDI%3D'],
    ['with bits left over', 'NDJ'],
    ['beyond the safe integers', Buffer.from('9007199254740993').toString('base64url')],
    ['given twice', 'NDI&cursor=NDI'],
  ])('a cursor that no page gave is refused: %s', async (_case, cursor) => {
    const refused = await list(`?cursor=${cursor}`);
    expect(refused.status).toBe(422);
    expect(wrongFields(refused)).toEqual(['query.cursor']);
  });

  test('a customer may not list, however wrong the query is', async () => {
    const { accessToken: token } = await world.signUp();
    const refused = await world.call('GET', '/users?limit=0', { token });
    expect([refused.status, refused.json['code']]).toEqual([403, 'not-allowed']);
  });
}
