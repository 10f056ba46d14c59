-- Keeps the user-service's four tables equal to the monolith's, in the transaction that writes the monolith's.
-- What this is and is not stands in install.ts. Before this file runs, the schema `mirror` holds the user-service's
-- tables as foreign tables.

-- Every function ends with the same question: one row here must have been one row there. If not, the sides have parted,
-- and a write that fails now is better than two truths.
create function mirror.refuse_if_parted(there boolean, place text) returns void language plpgsql as $$
begin
  if not there then
    raise exception 'mirror: the user-service has no row for %', place
      using hint = 'The two databases were not equal when the mirror was installed, or somebody else wrote there.';
  end if;
end $$;

-- They run as the superuser who has installed them: the monolith's own login knows nothing of the other database.
create function mirror.write_account() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into mirror.accounts (user_id, email, name, status, role, password_hash, created_at, updated_at)
    values (new.id, new.email, new.full_name, mirror.status_of(new.is_active), mirror.role_of(new.is_admin),
      new.password_hash, new.created_at at time zone 'UTC', new.updated_at at time zone 'UTC');
  elsif tg_op = 'UPDATE' then
    update mirror.accounts set user_id = new.id, email = new.email, name = new.full_name,
      status = mirror.status_of(new.is_active), role = mirror.role_of(new.is_admin), password_hash = new.password_hash,
      created_at = new.created_at at time zone 'UTC', updated_at = new.updated_at at time zone 'UTC'
    where user_id = old.id;
  else
    delete from mirror.accounts where user_id = old.id;
  end if;
  perform mirror.refuse_if_parted(found, format('users %s', coalesce(old.id, new.id)));
  return null;
end $$;

create function mirror.write_profile() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into mirror.profiles
      (user_id, display_name, bio, phone, birth_date, city, country, locale, time_zone, updated_at)
    values (new.user_id, new.display_name, new.bio, new.phone, new.birth_date, new.city, new.country::text, new.locale,
      new.time_zone, new.updated_at at time zone 'UTC');
  elsif tg_op = 'UPDATE' then
    update mirror.profiles set user_id = new.user_id, display_name = new.display_name, bio = new.bio, phone = new.phone,
      birth_date = new.birth_date, city = new.city, country = new.country::text, locale = new.locale,
      time_zone = new.time_zone, updated_at = new.updated_at at time zone 'UTC'
    where user_id = old.user_id;
  else
    delete from mirror.profiles where user_id = old.user_id;
  end if;
  perform mirror.refuse_if_parted(found, format('user_profiles %s', coalesce(old.user_id, new.user_id)));
  return null;
end $$;

create function mirror.write_preference() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into mirror.preferences (user_id, key, value, updated_at)
    values (new.user_id, new.pref_key, new.pref_value, new.updated_at at time zone 'UTC');
  elsif tg_op = 'UPDATE' then
    update mirror.preferences set user_id = new.user_id, key = new.pref_key, value = new.pref_value,
      updated_at = new.updated_at at time zone 'UTC'
    where user_id = old.user_id and key = old.pref_key;
  else
    delete from mirror.preferences where user_id = old.user_id and key = old.pref_key;
  end if;
  perform mirror.refuse_if_parted(found, format('user_preferences %s', coalesce(old.user_id, new.user_id)));
  return null;
end $$;

create function mirror.write_token() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into mirror.tokens (user_id, token_hash, kind, session_id, issued_at, expires_at, spent_at)
    values (new.user_id, new.token_hash::text, mirror.kind_of(new.token_type), new.family,
      new.issued_at at time zone 'UTC', new.expires_at at time zone 'UTC', new.spent_at at time zone 'UTC');
  elsif tg_op = 'UPDATE' then
    update mirror.tokens set user_id = new.user_id, token_hash = new.token_hash::text, kind = mirror.kind_of(new.token_type),
      session_id = new.family, issued_at = new.issued_at at time zone 'UTC',
      expires_at = new.expires_at at time zone 'UTC', spent_at = new.spent_at at time zone 'UTC'
    where user_id = old.user_id and token_hash = old.token_hash::text;
  else
    delete from mirror.tokens where user_id = old.user_id and token_hash = old.token_hash::text;
  end if;
  perform mirror.refuse_if_parted(found, format('auth_tokens of user %s', coalesce(old.user_id, new.user_id)));
  return null;
end $$;

create function mirror.status_of(is_active smallint) returns text language sql immutable as
  $$ select case is_active when 1 then 'active' when 0 then 'suspended' when 2 then 'closed' end $$;
create function mirror.role_of(is_admin smallint) returns text language sql immutable as
  $$ select case is_admin when 1 then 'admin' else 'customer' end $$;
create function mirror.kind_of(token_type smallint) returns text language sql immutable as
  $$ select case token_type when 1 then 'access' when 2 then 'refresh' end $$;

create function mirror.refuse_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'mirror: % cannot be truncated, the user-service would keep its rows', tg_table_name
    using hint = 'Delete the rows.';
end $$;

-- Deferred to the commit: then this transaction holds the lock of every row it wrote here, so whoever wrote one of them
-- before has committed, there as well. postgres_fdw works at REPEATABLE READ; with a snapshot from before the lock it
-- would fail with "could not serialize access due to concurrent update".
create constraint trigger mirror_write after insert or update or delete on public.users
  deferrable initially deferred for each row execute function mirror.write_account();
create constraint trigger mirror_write after insert or update or delete on public.user_profiles
  deferrable initially deferred for each row execute function mirror.write_profile();
create constraint trigger mirror_write after insert or update or delete on public.user_preferences
  deferrable initially deferred for each row execute function mirror.write_preference();
create constraint trigger mirror_write after insert or update or delete on public.auth_tokens
  deferrable initially deferred for each row execute function mirror.write_token();

create trigger mirror_truncate before truncate on public.users execute function mirror.refuse_truncate();
create trigger mirror_truncate before truncate on public.user_profiles execute function mirror.refuse_truncate();
create trigger mirror_truncate before truncate on public.user_preferences execute function mirror.refuse_truncate();
create trigger mirror_truncate before truncate on public.auth_tokens execute function mirror.refuse_truncate();

-- Also for a session that replays changes (session_replication_role = replica).
alter table public.users enable always trigger mirror_write, enable always trigger mirror_truncate;
alter table public.user_profiles enable always trigger mirror_write, enable always trigger mirror_truncate;
alter table public.user_preferences enable always trigger mirror_write, enable always trigger mirror_truncate;
alter table public.auth_tokens enable always trigger mirror_write, enable always trigger mirror_truncate;
