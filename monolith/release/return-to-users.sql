-- The way back of release-from-users.sql. Again is harmless; the rows are looked through again.
-- A key counts for new rows at once (NOT VALID), and for all after a look that keeps no writer waiting (VALIDATE).

set lock_timeout = '300ms';

-- Before anything: a key that could not be validated would refuse orders of the users who are missing.
do $$
begin
  if exists (
    select user_id from orders union select user_id from payments union select user_id from stock_adjustments
    union select user_id from reservations union select user_id from idempotency_keys
    except select id from users
  ) then
    raise exception using errcode = 'foreign_key_violation', message = 'some rows belong to users who are not in "users"';
  end if;
end $$;

begin; alter table orders drop constraint if exists orders_user_id_fkey,
  add constraint orders_user_id_fkey foreign key (user_id) references users (id) not valid; commit;
begin; alter table payments drop constraint if exists payments_user_id_fkey,
  add constraint payments_user_id_fkey foreign key (user_id) references users (id) not valid; commit;
begin; alter table stock_adjustments drop constraint if exists stock_adjustments_user_id_fkey,
  add constraint stock_adjustments_user_id_fkey foreign key (user_id) references users (id) not valid; commit;
begin; alter table reservations drop constraint if exists reservations_user_id_fkey,
  add constraint reservations_user_id_fkey foreign key (user_id) references users (id) not valid; commit;
begin; alter table idempotency_keys drop constraint if exists idempotency_keys_user_id_fkey,
  add constraint idempotency_keys_user_id_fkey foreign key (user_id) references users (id) not valid; commit;

begin; alter table orders validate constraint orders_user_id_fkey; commit;
begin; alter table payments validate constraint payments_user_id_fkey; commit;
begin; alter table stock_adjustments validate constraint stock_adjustments_user_id_fkey; commit;
begin; alter table reservations validate constraint reservations_user_id_fkey; commit;
begin; alter table idempotency_keys validate constraint idempotency_keys_user_id_fkey; commit;
