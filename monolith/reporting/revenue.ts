import { QueryTypes, type Sequelize } from 'sequelize';
import type { Period } from './period.ts';
import { soldOrders } from './sold-orders.ts';

export interface RevenueOfDay {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly orders: number;
  /** What was paid on that day, less what was given back of it since. */
  readonly revenueCents: number;
  readonly refundedCents: number;
}

/** Every day of the period, also those without a sale. */
export function revenueByDay(database: Sequelize, period: Period): Promise<RevenueOfDay[]> {
  return database.query<RevenueOfDay>(
    `with sold as (${soldOrders})
     select to_char(d.day, 'YYYY-MM-DD') as "day", count(sold.id) as "orders",
            coalesce(sum(sold.total_cents - sold.refunded_cents), 0)::bigint as "revenueCents",
            coalesce(sum(sold.refunded_cents), 0)::bigint as "refundedCents"
       from generate_series(timestamp :from, timestamp :to - interval '1 day', interval '1 day') as d (day)
       left join sold on sold.paid_at >= d.day and sold.paid_at < d.day + interval '1 day'
      group by d.day order by d.day`,
    { replacements: { ...period }, type: QueryTypes.SELECT },
  );
}
