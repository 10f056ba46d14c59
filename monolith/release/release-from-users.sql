-- Releases the tables that stay from the users' tables: their foreign keys go, so that the copy of the users may end.
-- Beside the numbered schema, since it belongs to a migration and not to a start: run by `releaseFromUsers`, or by psql.
-- Again is harmless. A database that is made anew has the keys, as its schema says.
--
-- What the keys held still holds: each of these rows is written for the caller of a request, whose token was active a
-- moment before; so the id is one that the owner of the users gave out. And no user's row is ever deleted: closing an
-- account keeps it.
--
-- Each key in a transaction of its own: dropping one locks its table and `users`, and whoever comes then waits.
-- The wait is shorter than PostgreSQL's deadlock_timeout (1 s), so that it ends us and never a request.

set lock_timeout = '300ms';

begin; alter table orders drop constraint if exists orders_user_id_fkey; commit;
begin; alter table payments drop constraint if exists payments_user_id_fkey; commit;
begin; alter table stock_adjustments drop constraint if exists stock_adjustments_user_id_fkey; commit;
begin; alter table reservations drop constraint if exists reservations_user_id_fkey; commit;
begin; alter table idempotency_keys drop constraint if exists idempotency_keys_user_id_fkey; commit;
