import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, type Person, type Shop } from '../shop.ts';

let shop: Shop;
let other: Person;
let own: number[];
let others: number[];

beforeAll(async () => {
  shop = await startShop();
  other = await shop.person();
  const productId = await shop.product(100);
  const place = async (as: Person) => (await shop.order([{ productId, quantity: 1 }], { as })).body.id;
  own = [];
  others = [];
  for (let n = 0; n < 5; n++) {
    own.push(await place(shop.customer));
    others.push(await place(other));
  }
  await shop.pay(own[1] ?? 0, 'tok_ok');
});
afterAll(() => shop.stop());

async function list(as: Person, query: string): Promise<{ ids: number[]; nextCursor: string | null }> {
  const { body } = await shop.call('GET', `/orders?${query}`, { as });
  return { ids: body.items.map((order: { id: number }) => order.id), nextCursor: body.nextCursor };
}

test('page by page every order of the caller comes once, in order', async () => {
  const pages: number[][] = [];
  let query = 'limit=2';
  for (;;) {
    const { ids, nextCursor } = await list(shop.customer, query);
    pages.push(ids);
    if (nextCursor === null) break;
    query = `limit=2&cursor=${nextCursor}`;
  }
  expect(pages).toEqual([own.slice(0, 2), own.slice(2, 4), own.slice(4)]);
});

test('a full last page has no next one', async () => {
  expect(await list(shop.customer, 'limit=5')).toEqual({ ids: own, nextCursor: null });
});

test('by state', async () => {
  expect((await list(shop.customer, 'state=paid')).ids).toEqual([own[1]]);
  expect((await list(shop.customer, 'state=shipped')).ids).toEqual([]);
});

test('an admin sees all, or those of one user', async () => {
  const all = [...own, ...others].toSorted((a, b) => a - b);
  expect((await list(shop.admin, '')).ids).toEqual(all);
  expect((await list(shop.admin, `userId=${other.id}`)).ids).toEqual(others);
});

test('a customer may name itself and nobody else', async () => {
  expect((await list(shop.customer, `userId=${shop.customer.id}`)).ids).toEqual(own);
  const refused = await shop.call('GET', `/orders?userId=${other.id}`, { as: shop.customer });
  expect(refused).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
});

test.each([
  'limit=0',
  'limit=101',
  'limit=1e1',
  'limit=',
  'limit=1&limit=2',
  'cursor=',
  'cursor=MA',
  'cursor=!!',
  'cursor=OTk5OTk5OTk5OTk5OTk5OTk5',
  'state=lost',
  'userId=-1',
])('%s is refused', async (query) => {
  const answer = await shop.call('GET', `/orders?${query}`, { as: shop.customer });
  expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
});
