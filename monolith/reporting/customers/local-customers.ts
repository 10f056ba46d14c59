import { QueryTypes, type Sequelize } from 'sequelize';
import { closedCustomer } from './closed-customer.ts';
import type { Customer, Customers } from './customers.types.ts';

interface Row extends Customer {
  readonly id: number;
}

/** Reads the users' table: as long as this is in use, this database must keep a copy of it. */
export function localCustomers(database: Sequelize): Customers {
  return {
    async named(ids) {
      const rows = await database.query<Row>(
        'select id, full_name as "name", email from users where id = any($1::bigint[])',
        { bind: [ids], type: QueryTypes.SELECT },
      );
      const found = new Map(rows.map(({ id, name, email }) => [id, { name, email }]));
      return new Map(ids.map((id) => [id, found.get(id) ?? closedCustomer(id)]));
    },
    close: async () => undefined,
  };
}
