-- What the generated triggers call. SQLSTATEs of ours: BY001 not the owner, BY002 a partition key would change,
-- BY003 TRUNCATE, BY004 a change of the table that would blind gate or capture.

-- The way of a write that found no bucket that is owned and captured: passes where only the capture is off, else fails.
-- A caller can read group, bucket, owner and epoch off DETAIL.
create function banyan.refuse(wanted_group smallint, wanted_bucket integer, place text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_state text;
  found_epoch bigint;
  group_name text;
  here text;
  owner text;
begin
  select b.state, b.epoch into found_state, found_epoch from banyan.buckets b
  where b.group_id = wanted_group and b.bucket = wanted_bucket;
  if found_state = 'owner' then
    return;
  end if;
  select g.name, i.side into group_name, here from banyan.groups g join banyan.installation i using (migration)
  where g.group_id = wanted_group;
  owner := case found_state when 'follower' then case here when 'monolith' then 'service' else 'monolith' end else 'none' end;
  raise exception using errcode = 'BY001',
    message = case found_state
      when 'follower' then format('group %s, bucket %s: owned by %s at epoch %s', group_name, wanted_bucket, owner, found_epoch)
      when 'fenced' then format('group %s, bucket %s: moving away from %s at epoch %s', group_name, wanted_bucket, here, found_epoch)
      else format('group %s, bucket %s: no state on the %s', group_name, wanted_bucket, here) end,
    detail = format('group=%s bucket=%s state=%s owner=%s epoch=%s side=%s table=%s', group_name, wanted_bucket,
      coalesce(found_state, 'none'), owner, coalesce(found_epoch, 0), here, place),
    hint = case found_state
      when 'follower' then format('Write to the %s, or answer 421 Misdirected Request, so that Banyan sends the request there.', owner)
      when 'fenced' then 'The bucket changes hands: try again shortly, or answer 421 Misdirected Request, so that Banyan does.'
      else 'Run "banyan cutover install" again.' end;
end $$;

-- The slow way into the outbox, for what is rare: the old key of a row whose key changed, markers.
create function banyan.add_change(
  change_group smallint, change_dataset smallint, change_bucket integer, change_epoch bigint, change "char", image text
) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  number bigint := nextval('banyan.seq'::regclass);
begin
  execute format('insert into banyan.%I (seq, xid, group_id, dataset_id, bucket, epoch, op, image)
    values ($1, pg_current_xact_id(), $2, $3, $4, $5, $6, $7)', 'outbox_' || ((number >> 17) & 3))
  using number, change_group, change_dataset, change_bucket::smallint, change_epoch, change, image;
  return number;
end $$;

create function banyan.add_old_key(change_group smallint, change_dataset smallint, change_bucket integer, image text)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform banyan.add_change(change_group, change_dataset, change_bucket, b.epoch, 'D', image)
  from banyan.buckets b
  where b.group_id = change_group and b.bucket = change_bucket and b.state = 'owner' and b.capturing;
end $$;

-- A marker behind all that this bucket's writers have committed. Call it in the transaction of the fence, which holds the
-- bucket's exclusive lock; it takes the lock itself, so that no other use can be wrong. Returns the marker's number.
create function banyan.put_marker(group_name text, bucket integer, epoch bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_group smallint;
begin
  select g.group_id into found_group from banyan.groups g join banyan.buckets b using (group_id)
  where g.name = group_name and b.bucket = put_marker.bucket;
  if not found then
    raise exception 'there is no bucket % of a group %', bucket, group_name using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(1650552441, found_group * 256 + bucket);
  return banyan.add_change(found_group, null, bucket, epoch, 'M', null);
end $$;

-- From here on writes pass uncaptured: the copy has a gap and must be begun anew. Waits for nobody's transaction but of
-- those under REPEATABLE READ that hold the buckets' rows.
create function banyan.stop_capture(group_name text, reason text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_group smallint;
begin
  update banyan.groups g set capture_stopped = reason where g.name = group_name and g.capture_stopped is null
  returning g.group_id into found_group;
  if not found then
    return false;
  end if;
  update banyan.buckets b set capturing = false where b.group_id = found_group;
  return true;
end $$;

-- Captures again. It waits for every writer that still sees the capture off, so that a backfill that begins when this has
-- committed misses nothing; use a lock_timeout. What was left in the outbox stays, for the other groups' sake, but no
-- reader of the new copy sees it.
create function banyan.start_capture(group_name text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_group smallint;
begin
  update banyan.groups g set capture_stopped = null, capture_generation = floor(random() * 2147483647)::integer
  where g.name = group_name and g.capture_stopped is not null
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

-- Whether all that is visible in `wanted` is visible in `held` as well.
create function banyan.covers(held pg_snapshot, wanted pg_snapshot) returns boolean
language sql immutable security definer set search_path = pg_catalog, pg_temp as $$
  select pg_snapshot_xmax(wanted) <= pg_snapshot_xmax(held) and not exists (
    select from pg_snapshot_xip(held) as running (xid)
    where xid < pg_snapshot_xmax(wanted) and pg_visible_in_snapshot(xid, wanted))
$$;

-- Books of a reader may be lost with a server that a standby replaces: they are older then, which does no harm. So they
-- never wait for a standby.
--
-- A reader says from where it goes on; from now on nothing that comes after is taken away. False: some of it is gone.
create function banyan.read_from(group_name text, place pg_snapshot) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select set_config('synchronous_commit', 'local', true);
  update banyan.groups g set read_to = place where g.name = group_name returning banyan.covers(place, g.gone_to)
$$;

-- Notes how far the readers of some groups are, and truncates the parts whose every row is consumed: its group's reader has
-- seen its transaction, or the group's capture is stopped, so that nobody reads it. Returns how many parts were emptied.
--
-- Safe at any moment: a part is looked at under its exclusive lock, which no transaction that wrote into it still holds,
-- so nothing uncommitted is lost; and a writer that comes later, even one that has its number from before, writes into an
-- empty part, where every reader still finds it. It never waits: where the lock is not free, the part waits for next time.
-- @param turn_bytes where the part in use is larger, the next one is taken from now on
create function banyan.outbox_rotate(group_names text[], places pg_snapshot[], turn_bytes bigint default 67108864)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  last bigint := coalesce(pg_sequence_last_value('banyan.seq'::regclass), 0);
  active integer := (last >> 17) & 3;
  -- The part that the next number but a few falls into is about to be in use.
  coming integer := ((last + 1024) >> 17) & 3;
  oldest xid8;
  part text;
  rest boolean;
  emptied integer := 0;
begin
  if cardinality(group_names) is distinct from cardinality(places)
    or exists (select from unnest(places) as given (place) where given.place is null) then
    raise exception 'a position of each group is needed' using errcode = '22004';
  end if;
  -- With an older snapshot than the lock, a row that was committed in between would be truncated unseen.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'outbox_rotate needs READ COMMITTED' using errcode = '25001';
  end if;
  perform set_config('synchronous_commit', 'local', true);
  update banyan.groups g set read_to = given.place from unnest(group_names, places) as given (name, place)
  where g.name = given.name and g.read_to::text <> given.place::text;
  -- A group that never had a reader keeps everything.
  select pg_snapshot_xmin(g.read_to) into oldest from banyan.groups g where g.capture_stopped is null
  order by pg_snapshot_xmin(g.read_to) limit 1;
  for slot in 0..3 loop
    part := 'outbox_' || slot;
    continue when slot in (active, coming) or pg_relation_size(format('banyan.%I', part)::regclass) = 0;
    for attempt in 1..2 loop
      execute format('select exists (select from banyan.%I o join banyan.groups g using (group_id)
        where o.xid >= $1 and g.capture_stopped is null and not pg_visible_in_snapshot(o.xid, g.read_to))', part)
      into rest using oldest;
      exit when rest;
      if attempt = 2 then
        execute format('truncate banyan.%I', part);
        emptied := emptied + 1;
      else
        begin
          execute format('lock table banyan.%I in access exclusive mode nowait', part);
        exception when lock_not_available then
          exit;
        end;
      end if;
    end loop;
  end loop;
  if emptied > 0 then
    update banyan.groups g set gone_to = g.read_to where g.capture_stopped is null;
  end if;
  if pg_relation_size(format('banyan.outbox_%s', active)::regclass) > turn_bytes then
    -- Drawn, not set: setval could take the sequence back behind a writer's number.
    perform nextval('banyan.seq'::regclass) from generate_series(last, ((last >> 17) + 1) << 17);
  end if;
  return emptied;
end $$;

create function banyan.refuse_truncate() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = 'BY003',
    message = format('%I.%I is being copied by Banyan and can''t be truncated', tg_table_schema, tg_table_name),
    detail = 'TRUNCATE names no rows, so the copy would keep them all.',
    hint = 'Use DELETE; or end the copy first: banyan cutover uninstall.';
end $$;

create function banyan.refuse_place() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform banyan.refuse_new_place(tg_table_schema, tg_table_name);
  return null;
end $$;

create function banyan.refuse_new_place(of_schema text, of_table text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = 'BY002',
    message = format('the partition key of a row of %I.%I can''t change while Banyan moves the table', of_schema, of_table),
    detail = format('Partition key: %s.', (
      select array_to_string(d.partition_columns, ', ') from banyan.datasets d
      where format('%I.%I', d.schema_name, d.table_name)::regclass in (
        select format('%I.%I', of_schema, of_table)::regclass
        union all select relid from pg_partition_ancestors(format('%I.%I', of_schema, of_table)::regclass)) limit 1)),
    hint = 'It says to which bucket the row belongs, and buckets may have different owners. Delete the row and insert it anew.';
end $$;
