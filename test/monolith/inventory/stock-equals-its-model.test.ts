import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Sequelize } from 'sequelize';
import { openDatabase } from '#monolith/database.ts';
import { adjustStock } from '#monolith/inventory/adjustments.ts';
import { defineInventoryModels, type InventoryModels } from '#monolith/inventory/models.ts';
import { createProduct } from '#monolith/inventory/products.ts';
import { moveReservations, reserve } from '#monolith/inventory/reservations.ts';
import { isProblem } from '#shared/errors/problem.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

let database: TestDatabase;
let sequelize: Sequelize;
let models: InventoryModels;

beforeAll(async () => {
  database = await createTestDatabase('monolith');
  sequelize = openDatabase(database.url);
  models = defineInventoryModels(sequelize);
  await database.query(`insert into users (email, full_name, password_hash) values ('a@b.cd', 'A', 'none')`);
});
afterAll(async () => {
  await sequelize.close();
  await database.drop();
});

const now = new Date();
const products = 3;
const product = fc.nat({ max: products - 1 });
const quantity = fc.integer({ min: 1, max: 6 });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('adjust' as const), product, delta: fc.integer({ min: -8, max: 8 }) }),
  fc.record({
    kind: fc.constant('reserve' as const),
    items: fc.array(fc.record({ product, quantity }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constantFrom('consumed' as const, 'released' as const, 'expired' as const, 'returned' as const),
    // Which of the reservations made so far, several times maybe.
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

interface Held {
  readonly id: number;
  readonly product: number;
  readonly quantity: number;
  state: string;
}
interface Model {
  readonly onHand: number[];
  readonly reserved: number[];
  readonly held: Held[];
}

test('any sequence of operations keeps on hand ≥ reserved ≥ 0, and does what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (operations) => {
      const ids = await freshProducts();
      const model: Model = { onHand: Array(products).fill(0), reserved: Array(products).fill(0), held: [] };
      for (const each of operations) {
        const expected = applyToModel(model, each);
        const accepted = await applyToStock(ids, model, each);
        expect([each, accepted]).toEqual([each, expected]);
        const rows = await models.stock.findAll({ where: { productId: ids }, order: [['productId', 'ASC']] });
        expect(rows.map((row) => row.onHand)).toEqual(model.onHand);
        expect(rows.map((row) => row.reserved)).toEqual(model.reserved);
        for (const row of rows) expect(row.onHand >= row.reserved && row.reserved >= 0).toBe(true);
      }
    }),
    { numRuns: 25 },
  );
});

async function freshProducts(): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < products; n++) {
    ids.push((await createProduct(models, { sku: crypto.randomUUID(), name: 'x', priceCents: 1, now })).id);
  }
  return ids;
}

/** @returns whether the operation is allowed */
function applyToModel(model: Model, operation: Operation): boolean {
  if (operation.kind === 'adjust') {
    const after = (model.onHand[operation.product] ?? 0) + operation.delta;
    if (operation.delta === 0 || after < (model.reserved[operation.product] ?? 0)) return false;
    model.onHand[operation.product] = after;
    return true;
  }
  if (operation.kind === 'reserve') {
    const reserved = [...model.reserved];
    for (const item of operation.items)
      reserved[item.product] = (reserved[item.product] ?? 0) + item.quantity;
    if (reserved.some((count, at) => count > (model.onHand[at] ?? 0))) return false;
    model.reserved.splice(0, products, ...reserved);
    return true;
  }
  for (const held of picked(model, operation.picks)) {
    if (held.state !== (operation.kind === 'returned' ? 'consumed' : 'active')) continue;
    held.state = operation.kind;
    const pieces = held.quantity;
    if (operation.kind === 'returned')
      model.onHand[held.product] = (model.onHand[held.product] ?? 0) + pieces;
    else model.reserved[held.product] = (model.reserved[held.product] ?? 0) - pieces;
    if (operation.kind === 'consumed')
      model.onHand[held.product] = (model.onHand[held.product] ?? 0) - pieces;
  }
  return true;
}

async function applyToStock(ids: number[], model: Model, operation: Operation): Promise<boolean> {
  const idOf = (at: number): number => ids[at] ?? 0;
  try {
    if (operation.kind === 'adjust') {
      if (operation.delta === 0) return false;
      const { product: at, delta } = operation;
      await adjustStock(models, { userId: 1, productId: idOf(at), delta, reason: 'test', now });
    } else {
      await sequelize.transaction(async (transaction) => {
        const scope = { models, transaction };
        if (operation.kind === 'reserve') {
          const items = operation.items.map((item) => ({
            productId: idOf(item.product),
            quantity: item.quantity,
          }));
          const rows = await reserve(scope, { userId: 1, holder: 'caller', now, expiresAt: now, items });
          for (const [at, row] of rows.entries()) {
            const item = operation.items[at];
            if (item !== undefined) model.held.push({ id: row.id, ...item, state: 'active' });
          }
        } else {
          const moved = picked(model, operation.picks).map((held) => held.id);
          await moveReservations(scope, { ids: moved, to: operation.kind });
        }
      });
    }
    return true;
  } catch (error) {
    if (isProblem(error) && error.code === 'not-enough-stock') return false;
    throw error;
  }
}

function picked({ held }: Model, picks: readonly number[]): Held[] {
  return [...new Set(picks)].flatMap((pick) => held[pick % Math.max(1, held.length)] ?? []);
}
