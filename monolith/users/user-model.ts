import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type UserModel = ReturnType<typeof defineUserModel>;
export type UserRow = InstanceType<UserModel>;

/** Table `users`. What its numbers mean stands in `old-schema.ts`. */
export function defineUserModel(sequelize: Sequelize) {
  class User extends Model<InferAttributes<User>, InferCreationAttributes<User>> {
    declare id: CreationOptional<number>;
    declare email: string;
    declare fullName: string;
    declare isActive: number;
    declare isAdmin: number;
    declare passwordHash: string;
    declare createdAt: CreationOptional<Date>;
    declare updatedAt: CreationOptional<Date>;
  }
  User.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      email: { type: DataTypes.STRING(254), allowNull: false },
      fullName: { type: DataTypes.STRING(200), allowNull: false, field: 'full_name' },
      isActive: { type: DataTypes.SMALLINT, allowNull: false, field: 'is_active' },
      isAdmin: { type: DataTypes.SMALLINT, allowNull: false, field: 'is_admin' },
      passwordHash: { type: DataTypes.STRING(255), allowNull: false, field: 'password_hash' },
      createdAt: { type: DataTypes.DATE, allowNull: false, field: 'created_at' },
      updatedAt: { type: DataTypes.DATE, allowNull: false, field: 'updated_at' },
    },
    { sequelize, modelName: 'User', tableName: 'users', timestamps: true },
  );
  return User;
}
