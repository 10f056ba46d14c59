import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import type { RefundModel, RefundRow } from './refund-model.ts';
import type { PaymentState } from './states.ts';

export type PaymentModel = ReturnType<typeof definePaymentModel>;
export type PaymentRow = InstanceType<PaymentModel>;

/** Table `payments`: one row for each attempt to pay an order. */
export function definePaymentModel(sequelize: Sequelize, refund: RefundModel) {
  class Payment extends Model<InferAttributes<Payment>, InferCreationAttributes<Payment>> {
    declare id: CreationOptional<number>;
    declare orderId: number;
    declare userId: number;
    /** From 1. */
    declare attempt: number;
    /** What the provider knows it by. */
    declare reference: string;
    declare state: PaymentState;
    /** Why it failed: the provider's word, or ours. */
    declare failure: CreationOptional<string | null>;
    declare amountCents: number;
    declare capturedCents: CreationOptional<number>;
    /** Promised back, sent or not. */
    declare refundedCents: CreationOptional<number>;
    declare currency: string;
    /** Until then somebody works on it; afterwards anyone may take it up. */
    declare leaseUntil: Date;
    declare createdAt: Date;
    declare updatedAt: Date;
    /** Only where the query asks for them. */
    declare refunds?: NonAttribute<RefundRow[]>;
  }
  Payment.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      orderId: { type: DataTypes.BIGINT, allowNull: false },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      attempt: { type: DataTypes.SMALLINT, allowNull: false },
      reference: { type: DataTypes.STRING(64), allowNull: false },
      state: { type: DataTypes.STRING(16), allowNull: false },
      failure: { type: DataTypes.STRING(64) },
      amountCents: { type: DataTypes.BIGINT, allowNull: false },
      capturedCents: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
      refundedCents: { type: DataTypes.BIGINT, allowNull: false, defaultValue: 0 },
      currency: { type: DataTypes.CHAR(3), allowNull: false },
      leaseUntil: { type: DataTypes.DATE, allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'Payment', tableName: 'payments' },
  );
  Payment.hasMany(refund, { as: 'refunds', foreignKey: 'paymentId', constraints: false });
  return Payment;
}
