import type { Sequelize } from 'sequelize';
import { definePaymentModel } from './payment-model.ts';
import { defineRefundModel } from './refund-model.ts';

export type PaymentModels = ReturnType<typeof definePaymentModels>;

/** The tables of the payments. Call it once for each Sequelize instance. */
export function definePaymentModels(sequelize: Sequelize) {
  const refund = defineRefundModel(sequelize);
  return { sequelize, refund, payment: definePaymentModel(sequelize, refund) };
}
