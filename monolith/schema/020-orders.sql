-- state: pending, paid, shipped, cancelled, expired; the steps between them stand in monolith/orders/states.ts.
create table orders (
  id bigserial constraint orders_pkey primary key,
  user_id bigint not null constraint orders_user_id_fkey references users (id),
  state varchar(16) not null
    constraint orders_state_check check (state in ('pending', 'paid', 'shipped', 'cancelled', 'expired')),
  total_cents bigint not null constraint orders_total_cents_check check (total_cents > 0),
  currency char(3) not null,
  -- Until when the stock is held; only a pending order holds any.
  reserved_until timestamp constraint orders_reserved_until_check check ((reserved_until is not null) = (state = 'pending')),
  paid_at timestamp,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create index orders_user_id_idx on orders (user_id, id);
create index orders_overdue_idx on orders (reserved_until) where state = 'pending';
create index orders_paid_at_idx on orders (paid_at) where paid_at is not null;

-- What was bought, as it was called and priced then.
create table order_lines (
  order_id bigint not null constraint order_lines_order_id_fkey references orders (id),
  line_no smallint not null,
  product_id bigint not null constraint order_lines_product_id_fkey references products (id),
  reservation_id bigint not null constraint order_lines_reservation_id_key unique
    constraint order_lines_reservation_id_fkey references reservations (id),
  sku varchar(64) not null,
  name varchar(200) not null,
  quantity bigint not null constraint order_lines_quantity_check check (quantity > 0),
  unit_price_cents bigint not null,
  constraint order_lines_pkey primary key (order_id, line_no)
);

create index order_lines_product_id_idx on order_lines (product_id);

-- The first answer to each Idempotency-Key of a user, written in the transaction of its order.
create table idempotency_keys (
  user_id bigint not null constraint idempotency_keys_user_id_fkey references users (id),
  idempotency_key varchar(128) not null,
  request_hash char(64) not null,
  status smallint,
  answer text,
  created_at timestamp not null default (now() at time zone 'utc'),
  constraint idempotency_keys_pkey primary key (user_id, idempotency_key)
);

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);
