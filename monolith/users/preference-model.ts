import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type PreferenceModel = ReturnType<typeof definePreferenceModel>;

/** Table `user_preferences`: one row for each key of a user. */
export function definePreferenceModel(sequelize: Sequelize) {
  class UserPreference extends Model<
    InferAttributes<UserPreference>,
    InferCreationAttributes<UserPreference>
  > {
    declare userId: number;
    declare key: string;
    declare value: string;
    declare updatedAt: CreationOptional<Date>;
  }
  UserPreference.init(
    {
      userId: { type: DataTypes.BIGINT, primaryKey: true, field: 'user_id' },
      key: { type: DataTypes.STRING(64), primaryKey: true, field: 'pref_key' },
      value: { type: DataTypes.TEXT, allowNull: false, field: 'pref_value' },
      updatedAt: { type: DataTypes.DATE, allowNull: false, field: 'updated_at' },
    },
    {
      sequelize,
      modelName: 'UserPreference',
      tableName: 'user_preferences',
      timestamps: true,
      createdAt: false,
    },
  );
  return UserPreference;
}
