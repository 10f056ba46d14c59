import { QueryTypes, type Sequelize } from 'sequelize';
import type { Customer, Customers } from './customers/customers.types.ts';
import type { Period } from './period.ts';
import { soldOrders } from './sold-orders.ts';

export interface OrdersOfUser {
  readonly userId: number;
  readonly orders: number;
  /** Less what was given back. */
  readonly revenueCents: number;
}

export interface CustomerOrders extends OrdersOfUser, Customer {}

/** Users who bought in the period, in order of their ids. Knows them by their ids alone. */
export function ordersByCustomer(
  database: Sequelize,
  options: Period & { readonly after: number; readonly limit: number },
): Promise<OrdersOfUser[]> {
  return database.query<OrdersOfUser>(
    `with sold as (${soldOrders} and o.user_id > :after)
     select user_id as "userId", count(*) as "orders",
            sum(total_cents - refunded_cents)::bigint as "revenueCents"
       from sold
      group by user_id order by user_id limit :limit`,
    { replacements: { ...options }, type: QueryTypes.SELECT },
  );
}

/**
 * The same rows with the names and e-mail addresses of this moment.
 * @param token of the admin who asks
 * @throws what `Customers.named` throws
 */
export async function withCustomers(
  rows: readonly OrdersOfUser[],
  customers: Customers,
  token: string,
): Promise<CustomerOrders[]> {
  const named = await customers.named(
    rows.map(({ userId }) => userId),
    token,
  );
  return rows.map(({ userId, orders, revenueCents }) => {
    const customer = named.get(userId);
    if (customer === undefined) throw new Error(`withCustomers: user ${userId} was asked for and not named`);
    return { userId, name: customer.name, email: customer.email, orders, revenueCents };
  });
}
