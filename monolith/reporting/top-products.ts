import { QueryTypes, type Sequelize } from 'sequelize';
import type { Period } from './period.ts';
import { soldOrders } from './sold-orders.ts';

export interface TopProduct {
  readonly productId: number;
  readonly sku: string;
  readonly name: string;
  /** Pieces sold. */
  readonly quantity: number;
  readonly orders: number;
  /** At the prices of the orders; refunds belong to orders, not to products, and are not taken off. */
  readonly revenueCents: number;
}

/** The products that brought the most, with their names of today. */
export function topProducts(
  database: Sequelize,
  options: Period & { readonly limit: number },
): Promise<TopProduct[]> {
  return database.query<TopProduct>(
    `with sold as (${soldOrders})
     select p.id as "productId", p.sku, p.name, sum(l.quantity)::bigint as "quantity",
            count(distinct l.order_id) as "orders",
            sum(l.quantity * l.unit_price_cents)::bigint as "revenueCents"
       from sold
       join order_lines l on l.order_id = sold.id
       join products p on p.id = l.product_id
      group by p.id order by "revenueCents" desc, p.id limit :limit`,
    { replacements: { ...options }, type: QueryTypes.SELECT },
  );
}
