-- Notes on the follower whenever a row goes back: an older version over a newer one, or a deleted one that is there again.
-- The arguments of the trigger: dataset, SQL of the key and of the version over a row `r`.
-- While a backfill of the dataset is open a row may go back for a while; from its closing on it never may.
create table public.watched (dataset text, key text, version bigint, primary key (dataset, key));
create table public.went_back (dataset text, key text, had bigint, got bigint, at timestamptz default clock_timestamp());

create function public.watch() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  row_key text;
  version bigint;
  had bigint;
  closed boolean;
begin
  execute format('select (%s)::text, (%s)::bigint from (select ($1::%s).*) r', tg_argv[1], tg_argv[2], tg_relid::regclass)
  into row_key, version using case tg_op when 'DELETE' then old else new end;
  select coalesce(bool_and(b.state <> 'open'), false) into closed
  from banyan.backfill_runs b join banyan.datasets d using (dataset_id) where d.name = tg_argv[0] and b.purpose = 'backfill';
  select w.version into had from public.watched w where w.dataset = tg_argv[0] and w.key = row_key;
  if closed and had is not null and (version < had or (tg_op = 'INSERT' and version = had)) then
    insert into public.went_back (dataset, key, had, got) values (tg_argv[0], row_key, had, version);
  end if;
  insert into public.watched values (tg_argv[0], row_key, version)
  on conflict (dataset, key) do update set version = excluded.version;
  return null;
end $$;
