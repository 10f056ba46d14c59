import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import type { OrderLineModel, OrderLineRow } from './order-line-model.ts';
import type { OrderState } from './states.ts';

export type OrderModel = ReturnType<typeof defineOrderModel>;
export type OrderRow = InstanceType<OrderModel>;

/** Table `orders`. */
export function defineOrderModel(sequelize: Sequelize, line: OrderLineModel) {
  class Order extends Model<InferAttributes<Order>, InferCreationAttributes<Order>> {
    declare id: CreationOptional<number>;
    declare userId: number;
    declare state: OrderState;
    declare totalCents: number;
    declare currency: string;
    /** Until when the stock is held; `null` unless pending. */
    declare reservedUntil: Date | null;
    declare paidAt: CreationOptional<Date | null>;
    declare createdAt: Date;
    declare updatedAt: Date;
    /** Only where the query asks for them. */
    declare lines?: NonAttribute<OrderLineRow[]>;
  }
  Order.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      state: { type: DataTypes.STRING(16), allowNull: false },
      totalCents: { type: DataTypes.BIGINT, allowNull: false },
      currency: { type: DataTypes.CHAR(3), allowNull: false },
      reservedUntil: { type: DataTypes.DATE },
      paidAt: { type: DataTypes.DATE },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'Order', tableName: 'orders' },
  );
  Order.hasMany(line, { as: 'lines', foreignKey: 'orderId', constraints: false });
  return Order;
}
