import { wares } from './names.ts';
import { draw, type IdRange, type SeedInput, type Statement } from './people.ts';
import type { Population } from './population.ts';

// The domains that stay: products with stock, and a year of orders with lines, reservations and payments, so that the
// reports have something to say. Only the monolith has these.

const secondsInYear = 31_536_000;
const mostLines = 3;

export function products({ first, last }: IdRange, { seed, asOf }: SeedInput): Statement {
  const of = (salt: number, modulo: number): string => draw(seed, salt, { id: 'id', modulo });
  return {
    values: [first, last, asOf.toISOString(), wares],
    text: `
with ware as (select id from generate_series($1::bigint, $2::bigint) as id), products_in as (
  insert into products (id, sku, name, price_cents, currency, created_at, updated_at)
  select id, 'SKU-' || lpad(id::text, 8, '0'), ($4::text[])[1 + ${of(20, wares.length)}] || ' No. ' || id,
    ${priceOf(seed, 'id')}, 'EUR', at, at
  from ware, lateral (select $3::timestamptz at time zone 'UTC' - interval '1 second' * (${secondsInYear} + ${of(21, secondsInYear)})) as made (at)
)
insert into stock (product_id, on_hand) select id, 2000 + ${of(22, 8_000)} from ware`,
  };
}

function priceOf(seed: number, id: string): string {
  return `(199 + ${draw(seed, 23, { id, modulo: 20_000 })})`;
}

/** Reservations have no id of their own that anybody sees: order and line give one. */
const reservationId = `((id - 1) * ${mostLines} + line_no)`;

export function orders(
  { first, last }: IdRange,
  { seed, asOf, population }: SeedInput & { readonly population: Population },
): Statement {
  const of = (salt: number, modulo: number): string => draw(seed, salt, { id: 'id', modulo });
  return {
    values: [first, last, asOf.toISOString()],
    text: `
with raw as materialized (
  select id, 1 + ${of(30, population.users)} as user_id,
    case when ${of(31, 100)} < 78 then 'shipped' when ${of(31, 100)} < 90 then 'paid'
      when ${of(31, 100)} < 96 then 'cancelled' else 'expired' end as state,
    $3::timestamptz at time zone 'UTC' - interval '1 second' * (3600 + ${of(32, secondsInYear)}) as created_at
  from generate_series($1::bigint, $2::bigint) as id
), line as materialized (
  select id, user_id, state, created_at, line_no,
    1 + (${of(33, population.products)} + line_no * 7) % ${population.products} as product_id,
    1 + ${draw(seed, 34, { id: `id * ${mostLines} + line_no`, modulo: 3 })} as quantity
  from raw, lateral generate_series(1, 1 + ${of(35, mostLines)}) as line_no
), priced as materialized (
  select line.*, products.sku, products.name, products.price_cents
  from line join products on products.id = line.product_id
), reservations_in as (
  insert into reservations (id, product_id, user_id, quantity, state, held_for, expires_at, created_at)
  select ${reservationId}, product_id, user_id, quantity,
    case state when 'cancelled' then 3 when 'expired' then 4 else 2 end, 2, created_at + interval '15 minutes', created_at
  from priced
), lines_in as (
  insert into order_lines
    (order_id, line_no, product_id, reservation_id, sku, name, quantity, unit_price_cents)
  select id, line_no, product_id, ${reservationId}, sku, name, quantity, price_cents from priced
), order_sum as materialized (
  select id, user_id, state, created_at, sum(quantity * price_cents)::bigint as total,
    case when state in ('paid', 'shipped') then created_at + interval '2 minutes' end as paid_at
  from priced group by id, user_id, state, created_at
), orders_in as (
  insert into orders (id, user_id, state, total_cents, currency, paid_at, created_at, updated_at)
  select id, user_id, state, total, 'EUR', paid_at, created_at, coalesce(paid_at, created_at + interval '15 minutes')
  from order_sum
), charges_in as (
  insert into simulated_charges (reference, state, amount_cents, created_at)
  select 'seeded-' || id, 'captured', total, paid_at from order_sum where paid_at is not null
)
insert into payments (order_id, user_id, attempt, reference, state, amount_cents, captured_cents, currency, lease_until,
  created_at, updated_at)
select id, user_id, 1, 'seeded-' || id, 'captured', total, total, 'EUR', paid_at, paid_at, paid_at
from order_sum where paid_at is not null`,
  };
}

/** Highest id of `reservations` after so many orders. */
export function lastReservation({ orders }: Population): number {
  return orders * mostLines;
}
