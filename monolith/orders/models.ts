import type { Sequelize } from 'sequelize';
import { defineIdempotencyKeyModel } from './idempotency-key-model.ts';
import { defineOrderLineModel } from './order-line-model.ts';
import { defineOrderModel } from './order-model.ts';

export type OrderModels = ReturnType<typeof defineOrderModels>;

/** The tables of the orders. Call it once for each Sequelize instance. */
export function defineOrderModels(sequelize: Sequelize) {
  const line = defineOrderLineModel(sequelize);
  return {
    sequelize,
    line,
    order: defineOrderModel(sequelize, line),
    idempotencyKey: defineIdempotencyKeyModel(sequelize),
  };
}
