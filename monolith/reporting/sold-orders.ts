/**
 * What counts as sold, for all reports alike: orders paid within the period that were not cancelled afterwards, each
 * with what was given back of it. `:from` and `:to` are days in UTC, as the columns are.
 */
export const soldOrders = `
  select o.id, o.user_id, o.paid_at, o.total_cents, coalesce(p.refunded_cents, 0) as refunded_cents
    from orders o
    left join payments p on p.order_id = o.id and p.state in ('captured', 'refunded')
   where o.paid_at >= :from and o.paid_at < :to and o.state in ('paid', 'shipped')`;
