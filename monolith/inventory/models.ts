import type { Sequelize } from 'sequelize';
import { defineAdjustmentModel } from './adjustment-model.ts';
import { defineProductModel } from './product-model.ts';
import { defineReservationModel } from './reservation-model.ts';
import { defineStockModel } from './stock-model.ts';

export type InventoryModels = ReturnType<typeof defineInventoryModels>;

/** The tables of the inventory. Call it once for each Sequelize instance. */
export function defineInventoryModels(sequelize: Sequelize) {
  const stock = defineStockModel(sequelize);
  return {
    sequelize,
    stock,
    product: defineProductModel(sequelize, stock),
    adjustment: defineAdjustmentModel(sequelize),
    reservation: defineReservationModel(sequelize),
  };
}
