import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type IdempotencyKeyModel = ReturnType<typeof defineIdempotencyKeyModel>;

/** Table `idempotency_keys`: the first answer to each key of a user. */
export function defineIdempotencyKeyModel(sequelize: Sequelize) {
  class IdempotencyKey extends Model<
    InferAttributes<IdempotencyKey>,
    InferCreationAttributes<IdempotencyKey>
  > {
    declare userId: number;
    declare key: string;
    /** SHA-256 of the request's body, hexadecimal. */
    declare requestHash: string;
    /** Empty only inside the transaction that is making the answer. */
    declare status: CreationOptional<number | null>;
    declare answer: CreationOptional<string | null>;
    declare createdAt: Date;
  }
  IdempotencyKey.init(
    {
      userId: { type: DataTypes.BIGINT, primaryKey: true },
      key: { type: DataTypes.STRING(128), primaryKey: true, field: 'idempotency_key' },
      requestHash: { type: DataTypes.CHAR(64), allowNull: false },
      status: { type: DataTypes.SMALLINT },
      answer: { type: DataTypes.TEXT },
      createdAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'IdempotencyKey', tableName: 'idempotency_keys' },
  );
  return IdempotencyKey;
}
