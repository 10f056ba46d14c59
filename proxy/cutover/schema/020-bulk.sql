-- Backfill, verification and repair. Each side has these tables; the side that is filled uses them.

-- What a run copies: another mapping is another run.
alter table banyan.backfill_runs add column fingerprint text not null default '';
-- A run of a repair copies nothing of itself: while it is open, applies and its writes keep apart.
alter table banyan.backfill_runs add column purpose text not null default 'backfill'
  check (purpose in ('backfill', 'repair'));

-- One stretch of the source's key. It is done when its rows are here, in the same transaction.
create table banyan.backfill_chunks (
  run_id bigint not null references banyan.backfill_runs on delete cascade,
  chunk bigint not null,
  -- Key values as text, in the run's order of key columns: after `lower` (null: from the first row) up to and with
  -- `upper` (null: to the last row, whenever that is read).
  lower_key text[],
  upper_key text[],
  state text not null check (state in ('planned', 'done')),
  rows_read bigint,
  rows_written bigint,
  done_at timestamptz,
  primary key (run_id, chunk)
);

-- Where the continuous verification goes on, for each dataset and the side whose keys it walks along.
create table banyan.verify_places (
  dataset_id smallint not null references banyan.datasets,
  walked text not null check (walked in ('monolith', 'service')),
  after_key text[],
  round bigint not null default 1,
  round_began timestamptz not null default clock_timestamp(),
  rows_in_round bigint not null default 0,
  last_round_ended timestamptz,
  primary key (dataset_id, walked)
);

-- Rows that the continuous verification found to differ, and still does; bounded by the engine.
create table banyan.verify_findings (
  dataset_id smallint not null references banyan.datasets,
  -- Key columns of this side as text.
  key text[] not null,
  owner_key text[] not null,
  kind text not null check (kind in ('missing', 'extra', 'differs')),
  columns text[] not null,
  first_seen timestamptz not null default clock_timestamp(),
  last_seen timestamptz not null default clock_timestamp(),
  primary key (dataset_id, key)
);
