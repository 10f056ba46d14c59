-- One row for each attempt to pay an order. Written before the provider is asked, so that a crash leaves a trace to
-- follow: while lease_until lies ahead someone works on the row, afterwards anyone may take it up.
create table payments (
  id bigserial constraint payments_pkey primary key,
  order_id bigint not null constraint payments_order_id_fkey references orders (id),
  user_id bigint not null constraint payments_user_id_fkey references users (id),
  attempt smallint not null,
  -- What the provider knows the attempt by; it charges each reference once.
  reference varchar(64) not null constraint payments_reference_key unique,
  state varchar(16) not null constraint payments_state_check
    check (state in ('authorising', 'authorised', 'captured', 'refunded', 'failed')),
  failure varchar(64),
  amount_cents bigint not null constraint payments_amount_cents_check check (amount_cents > 0),
  captured_cents bigint not null default 0,
  -- Promised back, whether or not the provider has answered yet.
  refunded_cents bigint not null default 0,
  currency char(3) not null,
  lease_until timestamp not null,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc'),
  constraint payments_order_id_attempt_key unique (order_id, attempt),
  constraint payments_captured_cents_check check (captured_cents in (0, amount_cents)),
  constraint payments_refunded_cents_check check (refunded_cents between 0 and captured_cents)
);

-- The second fence against paying twice: one attempt at a time, and none after a capture.
create unique index payments_one_taken_key on payments (order_id) where state <> 'failed';
create index payments_user_id_idx on payments (user_id, id);
create index payments_unsettled_idx on payments (lease_until) where state in ('authorising', 'authorised');

create table refunds (
  id bigserial constraint refunds_pkey primary key,
  payment_id bigint not null constraint refunds_payment_id_fkey references payments (id),
  reference varchar(64) not null constraint refunds_reference_key unique,
  amount_cents bigint not null constraint refunds_amount_cents_check check (amount_cents > 0),
  state varchar(16) not null constraint refunds_state_check check (state in ('pending', 'done')),
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create index refunds_payment_id_idx on refunds (payment_id);
create index refunds_pending_idx on refunds (id) where state = 'pending';
