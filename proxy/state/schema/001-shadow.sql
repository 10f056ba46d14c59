-- What the shadow comparer saw. Every proxy adds to these tables (proxy/shadow/report), none reads before it adds.
-- Sums are kept by slot: a minute at first, an hour once it is some hours old.

create function add_counts(a jsonb, b jsonb) returns jsonb language sql immutable parallel safe as $$
  select coalesce(jsonb_object_agg(name, total), '{}')
  from (
    select name, sum(value::bigint) as total
    from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) as added(name, value)
    group by name
  ) as summed
$$;

-- [[bucket, count], …], by rising bucket.
create function add_histograms(a jsonb, b jsonb) returns jsonb language sql immutable parallel safe as $$
  select coalesce(jsonb_agg(jsonb_build_array(bucket, total) order by bucket), '[]')
  from (
    select bucket, sum(n) as total
    from (
      select (pair->>0)::int as bucket, (pair->>1)::bigint as n
      from (select * from jsonb_array_elements(a) union all select * from jsonb_array_elements(b)) as added(pair)
    ) as pairs
    group by bucket
  ) as summed
$$;

create aggregate sum_counts(jsonb) (sfunc = add_counts, stype = jsonb, initcond = '{}');
create aggregate sum_histograms(jsonb) (sfunc = add_histograms, stype = jsonb, initcond = '[]');

create table shadow_routes (
  migration text not null,
  route text not null,
  primary_side text not null check (primary_side in ('monolith', 'service')),
  slot timestamptz not null,
  eligible bigint not null,
  compared bigint not null,
  same bigint not null,
  different bigint not null,
  raced bigint not null,
  noise_samples bigint not null,
  skipped jsonb not null,
  shadow_failures jsonb not null,
  primary_latency jsonb not null,
  shadow_latency jsonb not null,
  -- Pairs of groups that were left out because the route has too many.
  crowded_out bigint not null,
  primary key (migration, route, primary_side, slot)
);
create index on shadow_routes (slot);

create table shadow_findings (
  id text primary key,
  migration text not null,
  route text not null,
  primary_side text not null check (primary_side in ('monolith', 'service')),
  place text not null,
  path text not null,
  kind text not null,
  expected text,
  pairs bigint not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null
);
create index on shadow_findings (migration, route, primary_side);
create index on shadow_findings (last_seen);

create table shadow_finding_slots (
  finding text not null references shadow_findings on delete cascade,
  slot timestamptz not null,
  pairs bigint not null,
  self_differed bigint not null,
  -- Of three answers to one request (primary, shadow, primary again), which one stood alone.
  shadow_alone bigint not null,
  primary_alone bigint not null,
  all_differ bigint not null,
  primary key (finding, slot)
);
create index on shadow_finding_slots (slot);

create table shadow_samples (
  finding text not null references shadow_findings on delete cascade,
  at timestamptz not null,
  digest text not null,
  sample jsonb not null,
  primary key (finding, digest)
);

-- The last batch that each process has added: one whose answer got lost on the way is not added twice.
create table shadow_writers (
  writer uuid primary key,
  batch bigint not null,
  seen_at timestamptz not null default now()
);
