import type { Transaction } from 'sequelize';
import type { ProductRow } from '#monolith/inventory/product-model.ts';
import { withReclaim } from '#monolith/inventory/reclaim.ts';
import { reserve } from '#monolith/inventory/reservations.ts';
import { productNotFound } from '#monolith/inventory/stock.ts';
import { currency } from '#monolith/money.ts';
import type { OrderContext } from './context.types.ts';
import { doOnce, type StoredAnswer } from './idempotency.ts';
import { toOrder, type Order } from './view.ts';

/** How long an order holds its stock before it is paid. */
export const payWithinMs = 15 * 60 * 1_000;

export interface PlaceOptions {
  readonly userId: number;
  readonly idempotencyKey: string;
  readonly lines: readonly { readonly productId: number; readonly quantity: number }[];
}

/**
 * Places an order and reserves its stock for 15 minutes, all lines or none, once for each key of the user.
 * @throws Problem 404 `product-not-found`, 409 `not-enough-stock`, 422 `idempotency-key-reused`
 */
export function placeOrder(context: OrderContext, options: PlaceOptions): Promise<StoredAnswer> {
  const { userId, idempotencyKey: key, lines } = options;
  const attempt = (): Promise<StoredAnswer> =>
    doOnce(context.models, {
      userId,
      key,
      request: lines,
      now: context.now(),
      work: async (transaction) => ({
        status: 201,
        body: await place(context, { ...options, transaction }),
      }),
    });
  return withReclaim(attempt, {
    reclaim: context.reclaim,
    productIds: lines.map((line) => line.productId),
  });
}

async function place(
  context: OrderContext,
  options: PlaceOptions & { readonly transaction: Transaction },
): Promise<Order> {
  const { models, inventory } = context;
  const { userId, lines, transaction } = options;
  const now = context.now();
  const reservedUntil = new Date(now.getTime() + payWithinMs);
  const reservations = await reserve(
    { models: inventory, transaction },
    { userId, holder: 'order', now, expiresAt: reservedUntil, items: lines },
  );
  const products = await productsOf(context, options);
  const drafts = reservations.map((reservation, index) => {
    const product = products.get(reservation.productId);
    if (product === undefined) throw productNotFound(reservation.productId);
    return {
      lineNo: index + 1,
      productId: product.id,
      reservationId: reservation.id,
      sku: product.sku,
      name: product.name,
      quantity: reservation.quantity,
      unitPriceCents: product.priceCents,
    };
  });
  const totalCents = drafts.reduce((sum, line) => sum + line.quantity * line.unitPriceCents, 0);
  const order = await models.order.create(
    { userId, state: 'pending', totalCents, currency, reservedUntil, createdAt: now, updatedAt: now },
    { transaction },
  );
  order.lines = await models.line.bulkCreate(
    drafts.map((line) => ({ ...line, orderId: order.id })),
    { transaction },
  );
  return toOrder(order);
}

async function productsOf(
  { inventory }: OrderContext,
  { lines, transaction }: PlaceOptions & { readonly transaction: Transaction },
): Promise<Map<number, ProductRow>> {
  const rows = await inventory.product.findAll({
    where: { id: lines.map((line) => line.productId) },
    transaction,
  });
  return new Map(rows.map((row) => [row.id, row]));
}
