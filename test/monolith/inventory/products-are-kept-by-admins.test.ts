import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startShop, statusesOf, type Shop } from '../shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const mug = { sku: 'mug-blue', name: '  Blue mug ☕ ', priceCents: 1_250 };
const create = (body: unknown, as = shop.admin) => shop.call('POST', '/products', { as, body });

test('made, read, changed; its name trimmed, its stock empty', async () => {
  const made = await create(mug);
  const product = {
    id: expect.any(Number),
    sku: 'mug-blue',
    name: 'Blue mug ☕',
    priceCents: 1_250,
    currency: 'EUR',
    stock: { onHand: 0, reserved: 0, available: 0 },
  };
  expect(made).toMatchObject({ status: 201, body: product });
  const path = String(made.headers['location']);
  expect(path).toBe(`/products/${made.body.id}`);
  expect((await shop.call('GET', path, { as: shop.customer })).body).toEqual(made.body);
  const patch = (body: unknown) => shop.call('PATCH', path, { as: shop.admin, body });
  expect((await patch({ priceCents: 999 })).body).toEqual({ ...made.body, priceCents: 999 });
  expect((await patch({ name: 'Mug' })).body).toEqual({ ...made.body, priceCents: 999, name: 'Mug' });
});

test('a SKU belongs to one product, also of several made at once', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => create({ ...mug, sku: 'one-only' })));
  expect(statusesOf(answers)).toEqual([201, 409, 409, 409, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('sku-taken');
});

test('page by page', async () => {
  const wanted: number[] = [];
  for (let n = 0; n < 3; n++) wanted.push((await create({ ...mug, sku: `page-${n}` })).body.id);
  const seen: number[] = [];
  for (let query = 'limit=2'; ;) {
    const { body } = await shop.call('GET', `/products?${query}`, { as: shop.customer });
    seen.push(...body.items.map((product: { id: number }) => product.id));
    if (body.nextCursor === null) break;
    query = `limit=2&cursor=${body.nextCursor}`;
  }
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.slice(-3)).toEqual(wanted);
  expect(new Set(seen).size).toBe(seen.length);
});

test('customers look and do not touch; without a token not even that', async () => {
  expect((await create(mug, shop.customer)).status).toBe(403);
  const patch = await shop.call('PATCH', '/products/1', { as: shop.customer, body: { priceCents: 1 } });
  expect(patch.status).toBe(403);
  expect((await shop.call('GET', '/products')).status).toBe(401);
  expect((await shop.call('GET', '/products/1')).headers['www-authenticate']).toBe('Bearer');
});

test.each([
  [{ ...mug, sku: '' }, 'body.sku'],
  [{ ...mug, sku: '-x' }, 'body.sku'],
  [{ ...mug, sku: 'a b' }, 'body.sku'],
  [{ ...mug, name: '   ' }, 'body.name'],
  [{ ...mug, name: 'a\0b' }, 'body.name'],
  [{ ...mug, name: '\ud83d' }, 'body.name'],
  [{ ...mug, name: 'x'.repeat(201) }, 'body.name'],
  [{ ...mug, priceCents: 0 }, 'body.priceCents'],
  [{ ...mug, priceCents: 1.5 }, 'body.priceCents'],
  [{ ...mug, priceCents: 100_000_001 }, 'body.priceCents'],
  [{ ...mug, stock: 5 }, 'body'],
])('%j is no product', async (body, path) => {
  expect(await create(body)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
});

test('200 characters are 200, however many units they take', async () => {
  expect((await create({ ...mug, sku: 'emoji', name: '🫖'.repeat(200) })).status).toBe(201);
});

test('a change must change something', async () => {
  expect((await shop.call('PATCH', '/products/1', { as: shop.admin, body: {} })).status).toBe(422);
});

test.each(['0', 'x', '1e3', '9007199254740993'])('product %s does not exist', async (id) => {
  for (const [method, body] of [['GET'], ['PATCH', { priceCents: 1 }]] as const) {
    const answer = await shop.call(method, `/products/${id}`, { as: shop.admin, body });
    expect(answer).toMatchObject({ status: 404, body: { code: 'product-not-found' } });
  }
});
