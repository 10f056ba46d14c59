import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import type { UserModel, UserRow } from './user-model.ts';

export type TokenModel = ReturnType<typeof defineTokenModel>;

/** Table `auth_tokens`: the SHA-256 of each token that may still be used, or whose second use must be noticed. */
export function defineTokenModel(sequelize: Sequelize, user: UserModel) {
  class AuthToken extends Model<InferAttributes<AuthToken>, InferCreationAttributes<AuthToken>> {
    declare id: CreationOptional<number>;
    declare userId: number;
    declare hash: string;
    declare type: number;
    declare family: string;
    declare issuedAt: Date;
    declare expiresAt: Date;
    declare spentAt: Date | null;
    /** Only where the query asks for it. */
    declare user?: NonAttribute<UserRow>;
  }
  AuthToken.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      userId: { type: DataTypes.BIGINT, allowNull: false, field: 'user_id' },
      hash: { type: DataTypes.CHAR(64), allowNull: false, field: 'token_hash' },
      type: { type: DataTypes.SMALLINT, allowNull: false, field: 'token_type' },
      family: { type: DataTypes.UUID, allowNull: false },
      issuedAt: { type: DataTypes.DATE, allowNull: false, field: 'issued_at' },
      expiresAt: { type: DataTypes.DATE, allowNull: false, field: 'expires_at' },
      spentAt: { type: DataTypes.DATE, field: 'spent_at' },
    },
    { sequelize, modelName: 'AuthToken', tableName: 'auth_tokens', timestamps: false },
  );
  AuthToken.belongsTo(user, { as: 'user', foreignKey: 'userId', constraints: false });
  return AuthToken;
}
