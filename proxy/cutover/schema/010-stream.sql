-- What following the other side's changes needs beside the tables that all parts share.

-- A position inside a window: what was visible at `snapshot` is applied, and of what became visible from there to
-- `window_to` everything up to `last_seq`. So a transaction of any size is carried in pages.
alter table banyan.positions
  add column window_to pg_snapshot,
  add column last_seq bigint not null default 0,
  -- `groups.capture_generation` of the side that is followed, when this copy began.
  add column generation integer,
  -- When `snapshot` was taken, by the clock of the process that carries.
  add column taken_at timestamptz not null default clock_timestamp();

-- A version is written again with almost every change: room for it on the page (HOT).
alter table banyan.applied set (fillfactor = 80);
alter table banyan.applied
  -- Null where the version did not come by the stream.
  add column bucket smallint,
  -- When it came, in minutes since 1970: what is older than the transport's retention can't come again.
  add column minute integer not null default (extract(epoch from now()) / 60)::integer;

-- Only the newest version of a row waits.
create unique index parked_row on banyan.parked (dataset_id, key);
alter table banyan.parked
  -- The row as it was captured, where its mapping failed: then there are no values.
  add column image text,
  add column due_at timestamptz not null default clock_timestamp();

-- The last marker of each bucket that came. It counts (`buckets.drained`) once nothing from before it is parked.
create table banyan.markers (
  group_id smallint not null references banyan.groups,
  bucket smallint not null,
  epoch bigint not null,
  primary key (group_id, bucket)
);

-- Whether this side has everything of a group that is visible in a snapshot of the other side.
create function banyan.reached(of_group text, wanted pg_snapshot) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce((select banyan.covers(p.snapshot, wanted) from banyan.positions p where p.group_name = of_group), false)
$$;

-- A new copy of a group from the other side, whose capture began anew: what is here of an earlier one counts no more, and
-- whoever still carries it is refused. Under the buckets' exclusive locks, so that nobody is in the middle; use a
-- lock_timeout. The rows of the tables stay: a backfill fills them up, and verification finds what is wrong in them.
create function banyan.begin_anew(of_group text, of_generation integer, start pg_snapshot, from_number bigint)
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
  update banyan.backfill_runs r set state = 'abandoned', closed_at = coalesce(r.closed_at, clock_timestamp())
  from banyan.datasets d where d.dataset_id = r.dataset_id and d.group_id = found_group and r.state <> 'abandoned';
  delete from banyan.parked p using banyan.datasets d where d.dataset_id = p.dataset_id and d.group_id = found_group;
  delete from banyan.applied a using banyan.datasets d where d.dataset_id = a.dataset_id and d.group_id = found_group;
  insert into banyan.positions as had (group_name, snapshot, generation) values (of_group, start, of_generation)
  on conflict (group_name) do update set snapshot = excluded.snapshot, generation = excluded.generation,
    window_to = null, last_seq = 0, moved_at = clock_timestamp(), taken_at = clock_timestamp();
end $$;

grant select, insert, update, delete on banyan.positions, banyan.applied, banyan.parked, banyan.markers to :"applier";
grant update (drained) on banyan.buckets to :"applier";
