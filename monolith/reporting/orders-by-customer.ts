import { QueryTypes, type Sequelize } from 'sequelize';
import type { Period } from './period.ts';
import { soldOrders } from './sold-orders.ts';

export interface CustomerOrders {
  readonly userId: number;
  readonly name: string;
  readonly email: string;
  readonly orders: number;
  /** Less what was given back. */
  readonly revenueCents: number;
}

/**
 * Customers who bought in the period, in order of their ids. Joins the orders with the users of another domain, in one
 * statement: as long as this report is answered from here, this database must keep a copy of `users`.
 */
export function ordersByCustomer(
  database: Sequelize,
  options: Period & { readonly after: number; readonly limit: number },
): Promise<CustomerOrders[]> {
  return database.query<CustomerOrders>(
    `with sold as (${soldOrders} and o.user_id > :after)
     select u.id as "userId", u.full_name as "name", u.email, count(*) as "orders",
            sum(sold.total_cents - sold.refunded_cents)::bigint as "revenueCents"
       from sold
       join users u on u.id = sold.user_id
      group by u.id order by u.id limit :limit`,
    { replacements: { ...options }, type: QueryTypes.SELECT },
  );
}
