import { QueryTypes, type Transaction } from 'sequelize';
import { problem, type Problem } from '#shared/errors/problem.ts';
import type { InventoryModels } from './models.ts';
import type { StockRow } from './stock-model.ts';

/** A transaction that changes stock, and the tables it works on. */
export interface StockScope {
  readonly models: InventoryModels;
  readonly transaction: Transaction;
}

/** By how much the counts of one product change. */
export interface StockChange {
  readonly onHand: number;
  readonly reserved: number;
}

/**
 * Locks the stock of some products until the transaction ends. Everything that changes stock or a reservation holds
 * these locks first, and they are taken in order of the product ids, so that no two transactions wait for each other.
 * Take them once in a transaction: a second call could lock a smaller id.
 * @throws Problem 404 `product-not-found`
 */
export async function lockStock(
  scope: StockScope,
  productIds: readonly number[],
): Promise<Map<number, StockRow>> {
  const wanted = [...new Set(productIds)];
  const rows = await scope.models.stock.findAll({
    where: { productId: wanted },
    order: [['productId', 'ASC']],
    lock: scope.transaction.LOCK.UPDATE,
    transaction: scope.transaction,
  });
  const byProduct = new Map(rows.map((row) => [row.productId, row]));
  const missing = wanted.find((id) => !byProduct.has(id));
  if (missing !== undefined) throw productNotFound(missing);
  return byProduct;
}

/** Adds up changes by product and writes them in one statement. The locks of `lockStock` must be held. */
export async function changeStock(
  scope: StockScope,
  changes: ReadonlyMap<number, StockChange>,
): Promise<void> {
  const rows = [...changes];
  await scope.models.sequelize.query(
    `update stock set on_hand = stock.on_hand + change.on_hand, reserved = stock.reserved + change.reserved
       from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as change (product_id, on_hand, reserved)
      where stock.product_id = change.product_id`,
    {
      bind: [
        rows.map(([id]) => id),
        rows.map(([, change]) => change.onHand),
        rows.map(([, change]) => change.reserved),
      ],
      type: QueryTypes.UPDATE,
      transaction: scope.transaction,
    },
  );
}

export const shortageCode = 'not-enough-stock';

export function notEnoughStock(productId: number, wanted: number, available: number): Problem {
  return problem(
    409,
    shortageCode,
    `Product ${productId} has ${available} available, which is fewer than the ${wanted} asked for.`,
  );
}

export function productNotFound(id: number | undefined): Problem {
  return problem(
    404,
    'product-not-found',
    id === undefined ? 'There is no such product.' : `There is no product ${id}.`,
  );
}
