import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type RefundModel = ReturnType<typeof defineRefundModel>;
export type RefundRow = InstanceType<RefundModel>;

/** Table `refunds`. A pending one is promised and will be sent until the provider has taken it. */
export function defineRefundModel(sequelize: Sequelize) {
  class Refund extends Model<InferAttributes<Refund>, InferCreationAttributes<Refund>> {
    declare id: CreationOptional<number>;
    declare paymentId: number;
    /** What the provider knows it by. */
    declare reference: string;
    declare amountCents: number;
    declare state: 'pending' | 'done';
    declare createdAt: Date;
    declare updatedAt: Date;
  }
  Refund.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      paymentId: { type: DataTypes.BIGINT, allowNull: false },
      reference: { type: DataTypes.STRING(64), allowNull: false },
      amountCents: { type: DataTypes.BIGINT, allowNull: false },
      state: { type: DataTypes.STRING(16), allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'Refund', tableName: 'refunds' },
  );
  return Refund;
}
