-- What must be true of a dataset's table so that gate and capture see every write of it.

create function banyan.tables_of(wanted_dataset smallint) returns setof regclass
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.oid::regclass from banyan.datasets d
  join pg_namespace n on n.nspname = d.schema_name
  join pg_class c on c.relnamespace = n.oid and c.relname = d.table_name
  where d.dataset_id = wanted_dataset
  union
  select t.relid from banyan.datasets d
  join pg_namespace n on n.nspname = d.schema_name
  join pg_class c on c.relnamespace = n.oid and c.relname = d.table_name
  cross join lateral pg_partition_tree(c.oid) t
  where d.dataset_id = wanted_dataset
$$;

create function banyan.table_problems() returns table (dataset_id smallint, problem text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.dataset_id, format('table %I.%I is gone', d.schema_name, d.table_name) from banyan.datasets d
  where not exists (select from banyan.tables_of(d.dataset_id))
  union all
  select d.dataset_id, format('column %I of %I.%I is gone', wanted.name, d.schema_name, d.table_name)
  from banyan.datasets d cross join unnest(d.columns) wanted(name)
  where exists (select from banyan.tables_of(d.dataset_id)) and not exists (
    select from pg_attribute a
    where a.attrelid in (select banyan.tables_of(d.dataset_id)) and a.attname = wanted.name and not a.attisdropped)
  union all
  select d.dataset_id, format('trigger %I is missing or switched off on %s', wanted.name, part)
  from banyan.datasets d cross join lateral banyan.tables_of(d.dataset_id) part
  cross join (values ('!banyan_write'), ('!banyan_truncate')) wanted(name)
  where not exists (
    select from pg_trigger t where t.tgrelid = part and t.tgname = wanted.name and t.tgenabled = 'A')
$$;

-- For an event trigger, where the installer may create one (a superuser may): a change that would blind gate or capture
-- fails at once, instead of every write after it.
create function banyan.guard_tables() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found text;
begin
  if tg_event = 'sql_drop' then
    if not exists (select from pg_event_trigger_dropped_objects() o
      where o.schema_name = 'banyan' or (o.object_type = 'trigger' and o.address_names[3] ~ '^[!~]banyan_')) then
      return;
    end if;
    select string_agg(p.problem, '; ' order by p.problem) into found from banyan.table_problems() p;
  else
    select string_agg(p.problem, '; ' order by p.problem) into found
    from banyan.table_problems() p
    where exists (
      select from pg_event_trigger_ddl_commands() c
      left join pg_trigger t on c.classid = 'pg_trigger'::regclass and t.oid = c.objid
      where coalesce(t.tgrelid, c.objid) in (select banyan.tables_of(p.dataset_id))
        or not exists (select from banyan.tables_of(p.dataset_id)));
  end if;
  if found is not null then
    raise exception using errcode = 'BY004', message = 'this would blind Banyan, which is copying the table: ' || found,
      hint = 'Add columns freely. To drop, rename or retype what is copied, or to attach a partition, end the copy first (banyan cutover uninstall), and begin it anew afterwards.';
  end if;
end $$;
