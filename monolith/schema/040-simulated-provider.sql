-- The books of the simulated payment provider. A real one keeps them elsewhere, so nothing refers to these tables, and
-- they are written outside the transactions of payments.

create table simulated_charges (
  reference varchar(64) constraint simulated_charges_pkey primary key,
  state varchar(16) not null constraint simulated_charges_state_check
    check (state in ('authorised', 'captured', 'declined', 'released')),
  decline_code varchar(64),
  amount_cents bigint not null default 0,
  created_at timestamp not null default (now() at time zone 'utc')
);

create table simulated_refunds (
  reference varchar(64) constraint simulated_refunds_pkey primary key,
  charge_reference varchar(64) not null
    constraint simulated_refunds_charge_reference_fkey references simulated_charges (reference),
  amount_cents bigint not null constraint simulated_refunds_amount_cents_check check (amount_cents > 0),
  created_at timestamp not null default (now() at time zone 'utc')
);
