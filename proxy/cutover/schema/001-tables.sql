-- The state of the cutover engine in one side's database. Both sides have the same tables.
-- Nothing here decides but `buckets`: who owns what, at which epoch.
-- Numbered files run once, in order, as the definer, who owns the schema. `:"applier"` stands for the applier's role.

-- A row for each migration that this database is a side of, and the login that alone may write what this side does not
-- own: one for the whole database, since the gates let it pass.
create table banyan.installation (
  migration text primary key,
  side text not null check (side in ('monolith', 'service')),
  applier name not null,
  installed_at timestamptz not null default now()
);

create table banyan.groups (
  group_id smallint generated always as identity primary key,
  migration text not null references banyan.installation,
  -- Of all migrations, as those of datasets.
  name text not null unique,
  buckets integer not null check (buckets in (1, 256)),
  -- Drawn at random at each start of the capture, also by a new installation. A copy that began at another one has a gap.
  capture_generation integer not null default floor(random() * 2147483647)::integer,
  -- The last number that was drawn when the capture began: lower ones are of an earlier copy.
  capture_from bigint not null default 0,
  -- Why writes are not captured; null while they are. The gate stands all the same.
  capture_stopped text,
  -- How far the other side has read; what is not visible in it stays in the outbox.
  read_to pg_snapshot not null default '1:1:',
  -- What is visible in it may be gone from the outbox, or is of an earlier copy: no reader goes on from before.
  gone_to pg_snapshot not null default '1:1:'
);

create table banyan.datasets (
  dataset_id smallint generated always as identity primary key,
  group_id smallint not null references banyan.groups,
  name text not null unique,
  schema_name name not null,
  table_name name not null,
  key_columns name[] not null,
  partition_columns name[] not null,
  -- What capture takes of a row, in the order of the composite type banyan.image_<dataset_id>.
  columns name[] not null,
  filter text
);

-- (group, bucket): owner writes, fenced has given it up and the other side has not taken it yet, follower gets the copy.
create table banyan.buckets (
  group_id smallint not null references banyan.groups,
  bucket smallint not null,
  state text not null check (state in ('owner', 'fenced', 'follower')),
  epoch bigint not null check (epoch > 0),
  -- The epoch at which this side last gave the bucket up; a copied change from before it is refused.
  fenced_at bigint not null default 0,
  -- The last marker of the other side that was applied here.
  drained bigint not null default 0,
  -- Follows groups.capture_stopped: the gate reads this row anyway.
  capturing boolean not null default true,
  -- The other side's changes up to this number are of an earlier copy and are refused.
  accepts_after bigint not null default 0,
  primary key (group_id, bucket)
  -- Few rows a page: PostgreSQL then finds a bucket by its index instead of reading all 256, and updates stay in the page.
) with (fillfactor = 10);

-- Never cached: versions of one row must order as its commits did, and a cache hands out numbers in blocks.
-- From the clock on, in microseconds: after an uninstallation the other side still holds versions with the old numbers.
do $do$ begin
  execute format('create sequence banyan.seq as bigint start %s cache 1',
    (extract(epoch from clock_timestamp()) * 1000000)::bigint);
end $do$;

-- What was written here by anyone but the applier. A row lies in the part (seq >> 17) & 3, so the parts take turns by
-- themselves, and a part that is consumed is truncated as a whole (banyan.outbox_rotate).
create table banyan.outbox (
  seq bigint not null,
  -- The transaction's, also for what a savepoint wrote.
  xid xid8 not null,
  group_id smallint not null,
  -- Null in a marker.
  dataset_id smallint,
  bucket smallint not null,
  epoch bigint not null,
  -- P: put, with the new image. D: delete, with the old one. M: marker.
  op "char" not null check (op in ('P', 'D', 'M')),
  -- Text of banyan.image_<dataset_id>.
  image text
);
-- Writers name the part themselves: no routing, no constraint on a partition to check.
create table banyan.outbox_0 () inherits (banyan.outbox) with (autovacuum_vacuum_insert_threshold = -1);
create table banyan.outbox_1 () inherits (banyan.outbox) with (autovacuum_vacuum_insert_threshold = -1);
create table banyan.outbox_2 () inherits (banyan.outbox) with (autovacuum_vacuum_insert_threshold = -1);
create table banyan.outbox_3 () inherits (banyan.outbox) with (autovacuum_vacuum_insert_threshold = -1);
-- The relay asks for what is newer than a snapshot, which is a range of xid.
create index outbox_0_xid on banyan.outbox_0 (xid);
create index outbox_1_xid on banyan.outbox_1 (xid);
create index outbox_2_xid on banyan.outbox_2 (xid);
create index outbox_3_xid on banyan.outbox_3 (xid);

-- Which version of a row this side has from the other; a deleted row leaves its version behind (`deleted`).
create table banyan.applied (
  dataset_id smallint not null references banyan.datasets,
  -- The key columns of this side as text: array[key_1::text, …]::text.
  key text not null,
  epoch bigint not null,
  seq bigint not null,
  deleted boolean not null,
  primary key (dataset_id, key)
);

-- How far this side has taken the other's changes.
create table banyan.positions (
  group_name text primary key,
  -- What was visible on the other side when the last finished batch was read.
  snapshot pg_snapshot not null,
  moved_at timestamptz not null default clock_timestamp()
);

-- A change that could not be applied here, with the reason. It holds back no other key.
create table banyan.parked (
  parked_id bigint generated always as identity primary key,
  dataset_id smallint not null references banyan.datasets,
  key text not null,
  bucket smallint not null,
  epoch bigint not null,
  seq bigint not null,
  deleted boolean not null,
  -- The mapped values in the order of the mapping, as text.
  row_values text[],
  sqlstate text not null,
  reason text not null,
  attempts integer not null default 1,
  parked_at timestamptz not null default clock_timestamp()
);

-- A backfill of one dataset into this side. A row of a run that is not open is never written.
create table banyan.backfill_runs (
  run_id bigint generated always as identity primary key,
  dataset_id smallint not null references banyan.datasets,
  state text not null check (state in ('open', 'closed', 'abandoned')),
  started_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  rows_estimated bigint,
  rows_copied bigint not null default 0,
  bytes_copied bigint not null default 0
);
create unique index backfill_runs_open on banyan.backfill_runs (dataset_id) where state = 'open';
