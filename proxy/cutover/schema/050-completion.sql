-- The end of a migration: no bucket of a completed group changes hands any more, whatever program asks for it.

-- Both need a table for themselves for a moment, so they come in short tries: an upgrade meets a mover that works.
do $do$ begin
  for try in 1..300 loop
    begin
      set local lock_timeout = '100ms';
      -- Since when; null: the way back is open.
      alter table banyan.groups add column completed_at timestamptz;
      create function banyan.refuse_after_completion() returns trigger
      language plpgsql security definer set search_path = pg_catalog, pg_temp as $trigger$
      declare
        found_group record;
      begin
        select g.name, g.completed_at as since into found_group from banyan.groups g where g.group_id = new.group_id;
        if found_group.since is not null then
          raise exception using errcode = 'BY005',
            message = format('group %s is complete since %s: none of its buckets changes hands any more',
              found_group.name, to_char(found_group.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
            hint = 'The way back was given up by "banyan cutover complete", which can''t be undone.';
        end if;
        return new;
      end $trigger$;
      -- Beside the guard of the steps themselves: an older program, or a console, does not know of that.
      create trigger "!banyan_complete" before update of state, epoch on banyan.buckets
      for each row when ((old.state, old.epoch) is distinct from (new.state, new.epoch))
      execute function banyan.refuse_after_completion();
      return;
    exception when lock_not_available or deadlock_detected then
      if try = 300 then
        raise;
      end if;
      perform pg_sleep(0.3);
    end;
  end loop;
end $do$;

-- What an older program completed. It went from side to side; where it got no further, the command ends it.
update banyan.groups g set completed_at = coalesce(
  (select max(a.at) from banyan.audit a where a.group_name = g.name and a.action = 'complete'), clock_timestamp())
from banyan.installation i
where i.migration = g.migration and g.capture_stopped = 'the migration is complete'
  and not exists (select from banyan.buckets b where b.group_id = g.group_id and (b.state = 'owner') <> (i.side = 'service'));

-- Completes all of these groups on this side, or none. It takes the rows of the buckets, so a move that has begun on this
-- side is seen, and none begins meanwhile; it waits for nobody's transaction but of those under REPEATABLE READ that hold
-- these rows. Nothing is captured from here on, and no command's wish is left.
-- @param owns whether this side keeps the data
-- @returns how many groups it completed; those that are complete already are left alone
create function banyan.complete_groups(of_groups text[], owns boolean, by text) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  ids smallint[];
  odd record;
begin
  ids := array(select g.group_id from banyan.groups g where g.name = any (of_groups) and g.completed_at is null
    order by g.group_id for update);
  perform from banyan.buckets b where b.group_id = any (ids) order by b.group_id, b.bucket for update;
  select g.name, b.bucket, b.state into odd from banyan.buckets b join banyan.groups g using (group_id)
  where b.group_id = any (ids) and (b.state = 'owner') <> owns order by g.name, b.bucket limit 1;
  if found then
    raise exception using errcode = '55000',
      message = format('group %s, bucket %s: this side is %s', odd.name, odd.bucket, odd.state);
  end if;
  select g.name, g.capture_stopped as reason into odd from banyan.groups g
  where g.group_id = any (ids) and owns and g.capture_stopped is not null limit 1;
  if found then
    raise exception using errcode = '55000',
      message = format('group %s: its writes are not captured: %s', odd.name, odd.reason);
  end if;
  -- The gate of a fenced side says that the bucket changes hands. Here it is known where it went.
  update banyan.buckets b set capturing = false, state = case when owns then 'owner' else 'follower' end
  where b.group_id = any (ids);
  update banyan.groups g set completed_at = clock_timestamp(), capture_stopped = 'the migration is complete'
  where g.group_id = any (ids);
  delete from banyan.wishes w where w.group_id = any (ids);
  insert into banyan.audit (action, group_name, bucket, state, epoch, made_by)
  select 'complete', g.name, null, min(b.state), max(b.epoch), by
  from banyan.groups g join banyan.buckets b using (group_id) where g.group_id = any (ids) group by g.name;
  return cardinality(ids);
end $$;

-- As before, but for a completed group: a mover of an older version begins a stopped capture anew.
create or replace function banyan.start_capture(group_name text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_group smallint;
  since timestamptz;
begin
  select g.completed_at into since from banyan.groups g where g.name = group_name;
  if since is not null then
    raise exception using errcode = 'BY005', message = format('group %s is complete: its writes are not captured any more', group_name),
      hint = 'The way back was given up by "banyan cutover complete", which can''t be undone.';
  end if;
  update banyan.groups g set capture_stopped = null, capture_generation = floor(random() * 2147483647)::integer
  where g.name = group_name and g.capture_stopped is not null and g.completed_at is null
  returning g.group_id into found_group;
  if not found then
    return false;
  end if;
  perform pg_advisory_xact_lock(1650552441, found_group * 256 + b.bucket)
  from (select bucket from banyan.buckets where group_id = found_group order by bucket) b;
  update banyan.buckets b set capturing = true where b.group_id = found_group;
  -- No writer of this group is under way: what it captured is visible now and numbered up to here.
  update banyan.groups g set gone_to = pg_current_snapshot(), read_to = pg_current_snapshot(),
    capture_from = coalesce(pg_sequence_last_value('banyan.seq'::regclass), 0)
  where g.group_id = found_group;
  return true;
end $$;

-- As before, but for what is to be copied: everything again where this side follows in any bucket, also where it was never
-- filled but owned the data before; and nothing where it owns all of it, or its next way back would wait for a copy.
create or replace function banyan.begin_anew(of_group text, of_generation integer, start pg_snapshot, from_number bigint)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_group smallint;
begin
  select g.group_id into found_group from banyan.groups g where g.name = of_group;
  if not found then
    raise exception 'there is no group %', of_group using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(1650552441, found_group * 256 + b.bucket)
  from (select bucket from banyan.buckets where group_id = found_group order by bucket) b;
  update banyan.buckets b set accepts_after = from_number where b.group_id = found_group;
  if exists (select from banyan.buckets b where b.group_id = found_group and b.state <> 'owner') then
    update banyan.backfill_runs r set state = 'abandoned', closed_at = coalesce(r.closed_at, clock_timestamp())
    from banyan.datasets d where d.dataset_id = r.dataset_id and d.group_id = found_group and r.state <> 'abandoned';
    insert into banyan.backfill_runs (dataset_id, state, closed_at)
    select d.dataset_id, 'abandoned', clock_timestamp() from banyan.datasets d where d.group_id = found_group
      and not exists (select from banyan.backfill_runs r where r.dataset_id = d.dataset_id and r.purpose = 'backfill');
  end if;
  delete from banyan.parked p using banyan.datasets d where d.dataset_id = p.dataset_id and d.group_id = found_group;
  delete from banyan.applied a using banyan.datasets d where d.dataset_id = a.dataset_id and d.group_id = found_group;
  insert into banyan.positions as had (group_name, snapshot, generation) values (of_group, start, of_generation)
  on conflict (group_name) do update set snapshot = excluded.snapshot, generation = excluded.generation,
    window_to = null, last_seq = 0, moved_at = clock_timestamp(), taken_at = clock_timestamp();
end $$;
