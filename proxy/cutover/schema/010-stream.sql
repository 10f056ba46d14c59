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
  language sql stable as $$
  select coalesce((
    select pg_snapshot_xmax(wanted) <= pg_snapshot_xmax(p.snapshot)
      and not exists (
        select from pg_snapshot_xip(p.snapshot) as running (xid)
        where xid < pg_snapshot_xmax(wanted) and pg_visible_in_snapshot(xid, wanted))
    from banyan.positions p where p.group_name = of_group), false)
$$;

grant select, insert, update, delete on banyan.positions, banyan.applied, banyan.parked, banyan.markers to :"applier";
grant update (drained) on banyan.buckets to :"applier";
