import {
  DataTypes,
  Model,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type StockModel = ReturnType<typeof defineStockModel>;
export type StockRow = InstanceType<StockModel>;

/** Table `stock`: one row for each product, the row that every change of its stock locks. */
export function defineStockModel(sequelize: Sequelize) {
  class Stock extends Model<InferAttributes<Stock>, InferCreationAttributes<Stock>> {
    declare productId: number;
    /** Pieces in the house, reserved ones included. */
    declare onHand: number;
    declare reserved: number;
  }
  Stock.init(
    {
      productId: { type: DataTypes.BIGINT, primaryKey: true },
      onHand: { type: DataTypes.BIGINT, allowNull: false },
      reserved: { type: DataTypes.BIGINT, allowNull: false },
    },
    { sequelize, modelName: 'Stock', tableName: 'stock' },
  );
  return Stock;
}
