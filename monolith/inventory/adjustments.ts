import { problem } from '#shared/errors/problem.ts';
import type { AdjustmentRow } from './adjustment-model.ts';
import type { InventoryModels } from './models.ts';
import { changeStock, lockStock, notEnoughStock } from './stock.ts';

/** Far below what a JavaScript number holds exactly, far above what fits a warehouse. */
const maxOnHand = 1_000_000_000;

export interface AdjustOptions {
  readonly userId: number;
  readonly productId: number;
  readonly delta: number;
  readonly reason: string;
  readonly now: Date;
}

/**
 * Changes the stock of a product by hand, and keeps who did it and why.
 * @throws Problem 404 `product-not-found`; 409 `not-enough-stock` where less would be on hand than is reserved;
 *   409 `too-much-stock` beyond 1,000,000,000 pieces
 */
export function adjustStock(models: InventoryModels, options: AdjustOptions): Promise<AdjustmentRow> {
  const { productId, delta, now, ...who } = options;
  return models.sequelize.transaction(async (transaction) => {
    const scope = { models, transaction };
    const row = (await lockStock(scope, [productId])).get(productId);
    const onHand = row?.onHand ?? 0;
    const reserved = row?.reserved ?? 0;
    if (onHand + delta < reserved) throw notEnoughStock(productId, -delta, onHand - reserved);
    if (onHand + delta > maxOnHand) {
      throw problem(409, 'too-much-stock', `A product can have at most ${maxOnHand} pieces on hand.`);
    }
    await changeStock(scope, new Map([[productId, { onHand: delta, reserved: 0 }]]));
    return models.adjustment.create({ ...who, productId, delta, createdAt: now }, { transaction });
  });
}
