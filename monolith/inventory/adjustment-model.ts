import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type AdjustmentModel = ReturnType<typeof defineAdjustmentModel>;
export type AdjustmentRow = InstanceType<AdjustmentModel>;

/** Table `stock_adjustments`: who changed the stock of what by hand, and why. Never updated. */
export function defineAdjustmentModel(sequelize: Sequelize) {
  class StockAdjustment extends Model<
    InferAttributes<StockAdjustment>,
    InferCreationAttributes<StockAdjustment>
  > {
    declare id: CreationOptional<number>;
    declare productId: number;
    declare userId: number;
    declare delta: number;
    declare reason: string;
    declare createdAt: Date;
  }
  StockAdjustment.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      productId: { type: DataTypes.BIGINT, allowNull: false },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      delta: { type: DataTypes.BIGINT, allowNull: false },
      reason: { type: DataTypes.STRING(200), allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'StockAdjustment', tableName: 'stock_adjustments' },
  );
  return StockAdjustment;
}
