import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';

export type ReservationModel = ReturnType<typeof defineReservationModel>;
export type ReservationRow = InstanceType<ReservationModel>;

/** Table `reservations`. What its numbers mean stands in `reservation-states.ts`. */
export function defineReservationModel(sequelize: Sequelize) {
  class Reservation extends Model<InferAttributes<Reservation>, InferCreationAttributes<Reservation>> {
    declare id: CreationOptional<number>;
    declare productId: number;
    declare userId: number;
    declare quantity: number;
    declare state: number;
    declare heldFor: number;
    declare expiresAt: Date;
    declare createdAt: Date;
  }
  Reservation.init(
    {
      id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
      productId: { type: DataTypes.BIGINT, allowNull: false },
      userId: { type: DataTypes.BIGINT, allowNull: false },
      quantity: { type: DataTypes.BIGINT, allowNull: false },
      state: { type: DataTypes.SMALLINT, allowNull: false },
      heldFor: { type: DataTypes.SMALLINT, allowNull: false },
      expiresAt: { type: DataTypes.DATE, allowNull: false },
      createdAt: { type: DataTypes.DATE, allowNull: false },
    },
    { sequelize, modelName: 'Reservation', tableName: 'reservations' },
  );
  return Reservation;
}
