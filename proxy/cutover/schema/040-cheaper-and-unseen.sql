-- A cheaper write (ADR 8), writes that find no row (ADR 10), and partitions that come and go.

-- An image is the text of the whole row, whose columns are those of the image type, and any that were added later.
alter table banyan.datasets add column whole boolean not null default false;

-- The partitions that a dataset's table had when it was last installed. Whatever goes or comes with rows in it moves them
-- past the triggers.
create table banyan.partitions (
  dataset_id smallint not null references banyan.datasets,
  relation oid not null,
  -- As it was called then.
  name text not null,
  primary key (dataset_id, relation)
);

create function banyan.say_not_owner(of_group smallint, of_bucket integer, found_state text, found_epoch bigint, place text)
returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  group_name text;
  here text;
  owner text;
begin
  select g.name, i.side into group_name, here from banyan.groups g join banyan.installation i using (migration)
  where g.group_id = of_group;
  owner := case found_state when 'follower' then case here when 'monolith' then 'service' else 'monolith' end else 'none' end;
  raise exception using errcode = 'BY001',
    message = case found_state
      when 'follower' then format('group %s, bucket %s: owned by %s at epoch %s', group_name, of_bucket, owner, found_epoch)
      when 'fenced' then format('group %s, bucket %s: moving away from %s at epoch %s', group_name, of_bucket, here, found_epoch)
      else format('group %s, bucket %s: no state on the %s', group_name, of_bucket, here) end,
    detail = format('group=%s bucket=%s state=%s owner=%s epoch=%s side=%s table=%s', group_name, of_bucket,
      coalesce(found_state, 'none'), owner, coalesce(found_epoch, 0), here, place),
    hint = case found_state
      when 'follower' then format('Write to the %s, or answer 421 Misdirected Request, so that Banyan sends the request there.', owner)
      when 'fenced' then 'The bucket changes hands: try again shortly, or answer 421 Misdirected Request, so that Banyan does.'
      else 'Run "banyan cutover install" again.' end;
end $$;

create or replace function banyan.refuse(wanted_group smallint, wanted_bucket integer, place text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_state text;
  found_epoch bigint;
begin
  select b.state, b.epoch into found_state, found_epoch from banyan.buckets b
  where b.group_id = wanted_group and b.bucket = wanted_bucket;
  if found_state = 'owner' then
    return;
  end if;
  perform banyan.say_not_owner(wanted_group, wanted_bucket, found_state, found_epoch, place);
end $$;

-- Whether an UPDATE or DELETE that may have found no row was for this side to answer: refuses where this side owns no bucket
-- of the group. STABLE: it judges by what the statement saw. Which bucket was meant only the other side can know: of 256,
-- one that has an owner is named. What a cascade or an app's trigger writes answers nobody.
create function banyan.judge_unseen(of_group smallint, place text) returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  named record;
begin
  if exists (select from banyan.buckets b where b.group_id = of_group and b.state = 'owner')
    or pg_trigger_depth() > 1 or exists (select from banyan.installation i where i.applier = session_user) then
    return;
  end if;
  select b.bucket, b.state, b.epoch into named from banyan.buckets b where b.group_id = of_group
  order by b.state = 'fenced', b.bucket limit 1;
  perform banyan.say_not_owner(of_group, coalesce(named.bucket, 0), named.state, named.epoch, place);
end $$;

-- What came or went since the installation. A dataset without an entry has no partitions, or is from before these books.
create function banyan.partition_problems() returns table (dataset_id smallint, problem text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.dataset_id, format('partition %s is detached or gone', p.name)
  from banyan.partitions p where p.relation not in (select t::oid from banyan.tables_of(p.dataset_id) t)
  union all
  select d.dataset_id, format('partition %s came after the installation', t)
  from banyan.datasets d cross join lateral banyan.tables_of(d.dataset_id) t
  where exists (select from banyan.partitions p where p.dataset_id = d.dataset_id)
    and not exists (select from banyan.partitions p where p.dataset_id = d.dataset_id and p.relation = t::oid)
$$;

-- Where partitions came or went: from here on writes pass uncaptured, so that the copy is begun anew. Returns why.
create function banyan.stop_where_parts_moved(of_group text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  why text;
begin
  select string_agg(p.problem, '; ' order by p.problem) into why
  from banyan.partition_problems() p join banyan.datasets d using (dataset_id) join banyan.groups g using (group_id)
  where g.name = of_group;
  if why is not null then
    perform banyan.stop_capture(of_group, why);
  end if;
  return why;
end $$;

create or replace function banyan.table_problems() returns table (dataset_id smallint, problem text)
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
  select p.dataset_id, p.problem from banyan.partition_problems() p
  where exists (select from banyan.tables_of(p.dataset_id))
  union all
  select d.dataset_id, format('trigger %I is missing or switched off on %s', wanted.name, part)
  from banyan.datasets d cross join lateral banyan.tables_of(d.dataset_id) part
  cross join (values ('!banyan_write'), ('!banyan_truncate'), ('!banyan_unseen')) wanted(name)
  where not exists (
    select from pg_trigger t where t.tgrelid = part and t.tgname = wanted.name and t.tgenabled = 'A')
$$;

-- PostgreSQL makes a CHECK ready anew in each statement. Only generated functions and this schema's own write here. It comes
-- last and in short tries, since an upgrade meets writers, who must not wait behind it.
do $do$ begin
  for try in 1..300 loop
    begin
      set local lock_timeout = '100ms';
      alter table banyan.outbox drop constraint outbox_op_check;
      return;
    exception when lock_not_available or deadlock_detected then
      if try = 300 then
        raise;
      end if;
      perform pg_sleep(0.3);
    end;
  end loop;
end $do$;
