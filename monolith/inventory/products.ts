import { Op, UniqueConstraintError } from 'sequelize';
import { currency } from '#monolith/money.ts';
import { problem } from '#shared/errors/problem.ts';
import type { InventoryModels } from './models.ts';
import type { ProductRow } from './product-model.ts';
import { productNotFound } from './stock.ts';

/** A product as the API shows it. */
export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly name: string;
  readonly priceCents: number;
  readonly currency: string;
  readonly stock: { readonly onHand: number; readonly reserved: number; readonly available: number };
}

export function toProduct(row: ProductRow): Product {
  const { onHand, reserved } = row.stock ?? { onHand: 0, reserved: 0 };
  return {
    id: row.id,
    sku: row.sku,
    name: row.name,
    priceCents: row.priceCents,
    currency: row.currency,
    stock: { onHand, reserved, available: onHand - reserved },
  };
}

/** Products in order of their ids. */
export function listProducts(
  models: InventoryModels,
  page: { readonly after: number; readonly limit: number },
): Promise<ProductRow[]> {
  return models.product.findAll({
    where: { id: { [Op.gt]: page.after } },
    include: { model: models.stock, as: 'stock' },
    order: [['id', 'ASC']],
    limit: page.limit,
  });
}

/** @throws Problem 404 `product-not-found` */
export async function findProduct(models: InventoryModels, id: number | undefined): Promise<ProductRow> {
  const row =
    id === undefined
      ? null
      : await models.product.findByPk(id, { include: { model: models.stock, as: 'stock' } });
  if (row === null) throw productNotFound(id);
  return row;
}

/**
 * A new product has no stock; adjustments bring it.
 * @throws Problem 409 `sku-taken`
 */
export async function createProduct(
  models: InventoryModels,
  options: { readonly sku: string; readonly name: string; readonly priceCents: number; readonly now: Date },
): Promise<ProductRow> {
  const { now, ...fields } = options;
  try {
    return await models.sequelize.transaction(async (transaction) => {
      const row = await models.product.create(
        { ...fields, currency, createdAt: now, updatedAt: now },
        { transaction },
      );
      row.stock = await models.stock.create({ productId: row.id, onHand: 0, reserved: 0 }, { transaction });
      return row;
    });
  } catch (error) {
    if (!(error instanceof UniqueConstraintError)) throw error;
    throw problem(409, 'sku-taken', 'Another product has this SKU.', { cause: error });
  }
}

/**
 * Orders that were placed keep the name and the price of their time.
 * @throws Problem 404 `product-not-found`
 */
export async function changeProduct(
  models: InventoryModels,
  id: number | undefined,
  changes: { readonly name?: string; readonly priceCents?: number; readonly updatedAt: Date },
): Promise<ProductRow> {
  if (id !== undefined) await models.product.update(changes, { where: { id } });
  return findProduct(models, id);
}
