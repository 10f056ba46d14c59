import {
  DataTypes,
  Model,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type OrderLineModel = ReturnType<typeof defineOrderLineModel>;
export type OrderLineRow = InstanceType<OrderLineModel>;

/** Table `order_lines`: what was bought, as it was called and priced then. Never updated. */
export function defineOrderLineModel(sequelize: Sequelize) {
  class OrderLine extends Model<InferAttributes<OrderLine>, InferCreationAttributes<OrderLine>> {
    declare orderId: number;
    /** From 1, in the order of the request. */
    declare lineNo: number;
    declare productId: number;
    declare reservationId: number;
    declare sku: string;
    declare name: string;
    declare quantity: number;
    declare unitPriceCents: number;
  }
  OrderLine.init(
    {
      orderId: { type: DataTypes.BIGINT, primaryKey: true },
      lineNo: { type: DataTypes.SMALLINT, primaryKey: true },
      productId: { type: DataTypes.BIGINT, allowNull: false },
      reservationId: { type: DataTypes.BIGINT, allowNull: false },
      sku: { type: DataTypes.STRING(64), allowNull: false },
      name: { type: DataTypes.STRING(200), allowNull: false },
      quantity: { type: DataTypes.BIGINT, allowNull: false },
      unitPriceCents: { type: DataTypes.BIGINT, allowNull: false },
    },
    { sequelize, modelName: 'OrderLine', tableName: 'order_lines' },
  );
  return OrderLine;
}
