import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import type { StockModel, StockRow } from './stock-model.ts';

export type ProductModel = ReturnType<typeof defineProductModel>;
export type ProductRow = InstanceType<ProductModel>;

/** Table `products`. */
export function defineProductModel(sequelize: Sequelize, stock: StockModel) {
  class Product extends Model<InferAttributes<Product>, InferCreationAttributes<Product>> {
    declare id: CreationOptional<number>;
    declare sku: string;
    declare name: string;
    declare priceCents: number;
    declare currency: string;
    declare createdAt: Date;
    declare updatedAt: Date;
    /** Only where the query asks for it. */
    declare stock?: NonAttribute<StockRow>;
  }
  Product.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      sku: { type: DataTypes.STRING(64), allowNull: false },
      name: { type: DataTypes.STRING(200), allowNull: false },
      priceCents: { type: DataTypes.BIGINT, allowNull: false },
      currency: { type: DataTypes.CHAR(3), allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
      updatedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'Product', tableName: 'products' },
  );
  Product.hasOne(stock, { as: 'stock', foreignKey: 'productId', constraints: false });
  return Product;
}
