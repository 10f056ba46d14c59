import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type ProfileModel = ReturnType<typeof defineProfileModel>;
export type ProfileRow = InstanceType<ProfileModel>;

/** Table `user_profiles`: at most one row a user. */
export function defineProfileModel(sequelize: Sequelize) {
  class UserProfile extends Model<InferAttributes<UserProfile>, InferCreationAttributes<UserProfile>> {
    declare userId: number;
    declare displayName: string | null;
    declare bio: string | null;
    declare phone: string | null;
    /** `YYYY-MM-DD`: a day has no time zone. */
    declare birthDate: string | null;
    declare city: string | null;
    declare country: string | null;
    declare locale: string | null;
    declare timeZone: string | null;
    declare updatedAt: CreationOptional<Date>;
  }
  UserProfile.init(
    {
      userId: { type: DataTypes.BIGINT, primaryKey: true, field: 'user_id' },
      displayName: { type: DataTypes.STRING(100), field: 'display_name' },
      bio: { type: DataTypes.TEXT },
      phone: { type: DataTypes.STRING(32) },
      birthDate: { type: DataTypes.DATEONLY, field: 'birth_date' },
      city: { type: DataTypes.STRING(100) },
      country: { type: DataTypes.CHAR(2) },
      locale: { type: DataTypes.STRING(35) },
      timeZone: { type: DataTypes.STRING(64), field: 'time_zone' },
      updatedAt: { type: DataTypes.DATE, allowNull: false, field: 'updated_at' },
    },
    { sequelize, modelName: 'UserProfile', tableName: 'user_profiles', timestamps: true, createdAt: false },
  );
  return UserProfile;
}
