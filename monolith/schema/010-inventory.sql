-- Products and their stock. Stock has a table of its own, so that a price change never waits for a sale.
-- The checks on stock are the second fence: the program locks rows and counts, and would be stopped here if it were wrong.

create table products (
  id bigserial constraint products_pkey primary key,
  sku varchar(64) not null constraint products_sku_key unique,
  name varchar(200) not null,
  price_cents bigint not null constraint products_price_cents_check check (price_cents between 1 and 100000000),
  currency char(3) not null default 'EUR',
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table stock (
  product_id bigint constraint stock_pkey primary key
    constraint stock_product_id_fkey references products (id),
  on_hand bigint not null default 0,
  reserved bigint not null default 0,
  constraint stock_reserved_check check (reserved >= 0),
  constraint stock_on_hand_check check (on_hand >= reserved)
);

create table stock_adjustments (
  id bigserial constraint stock_adjustments_pkey primary key,
  product_id bigint not null constraint stock_adjustments_product_id_fkey references products (id),
  user_id bigint not null constraint stock_adjustments_user_id_fkey references users (id),
  delta bigint not null constraint stock_adjustments_delta_check check (delta <> 0),
  reason varchar(200) not null,
  created_at timestamp not null default (now() at time zone 'utc')
);

create index stock_adjustments_product_id_idx on stock_adjustments (product_id, id);

-- state: 1 active, 2 consumed, 3 released, 4 expired, 5 returned. held_for: 1 the caller who asked, 2 an order.
create table reservations (
  id bigserial constraint reservations_pkey primary key,
  product_id bigint not null constraint reservations_product_id_fkey references products (id),
  user_id bigint not null constraint reservations_user_id_fkey references users (id),
  quantity bigint not null constraint reservations_quantity_check check (quantity > 0),
  state smallint not null default 1 constraint reservations_state_check check (state between 1 and 5),
  held_for smallint not null constraint reservations_held_for_check check (held_for in (1, 2)),
  expires_at timestamp not null,
  created_at timestamp not null default (now() at time zone 'utc')
);

-- For the sweep of those that ran out.
create index reservations_overdue_idx on reservations (expires_at) where state = 1 and held_for = 1;
