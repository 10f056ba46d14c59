-- What handing a bucket over needs beside the buckets themselves.

-- Every change of ownership, written in its own transaction. Nobody changes or deletes a row but banyan.trim_audit.
create table banyan.audit (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- The engine's word: fence, commit, abort, reopen, force-open, close, complete.
  action text not null,
  group_name text not null,
  -- Null where it is said of the whole group.
  bucket smallint,
  state text not null,
  epoch bigint not null,
  -- Who or what wanted it.
  made_by text not null,
  login name not null default session_user,
  reason text not null default ''
);
create index audit_of_bucket on banyan.audit (group_name, bucket, audit_id desc);

-- Which side a command wants for a bucket, other than the flag's stage. Only the monolith's rows count.
create table banyan.wishes (
  group_id smallint not null references banyan.groups,
  bucket smallint not null,
  wish text not null check (wish in ('monolith', 'service')),
  made_by text not null,
  made_at timestamptz not null default clock_timestamp(),
  -- The stage at which a mover first saw it; it holds until the flag goes back from there or the stage writes elsewhere.
  stage text,
  primary key (group_id, bucket)
);

-- Comparisons of everything, by whoever made them. Only the last ones are kept.
create table banyan.verifications (
  verification_id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  group_name text not null,
  owner text not null check (owner in ('monolith', 'service')),
  rows_compared bigint not null,
  differences bigint not null
);

-- Steps of sequences that the installation has set, with what they were.
create table banyan.id_sequences (
  schema_name name not null,
  sequence_name name not null,
  increment_before bigint not null,
  primary key (schema_name, sequence_name)
);

-- Ids of a group of 256 buckets must fall into a bucket that this side owns, or the write is refused.
create function banyan.owned_buckets(of_group text) returns smallint[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(array_agg(b.bucket order by b.bucket), '{}') from banyan.buckets b join banyan.groups g using (group_id)
  where g.name = of_group and b.state = 'owner'
$$;

-- Draws from a sequence until the id lies in a bucket that this side owns. Runs with the caller's rights on the sequence.
-- @param before the other columns of the partition key as text, in their order; the id is the last one
create function banyan.next_id(of_group text, from_sequence regclass, variadic before text[] default '{}') returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  owned constant smallint[] := banyan.owned_buckets(of_group);
  id bigint;
begin
  if cardinality(owned) = 0 then
    raise exception using errcode = 'BY001', message = format('group %s: no bucket is owned here', of_group),
      hint = 'Write to the other side, or answer 421 Misdirected Request, so that Banyan sends the request there.';
  end if;
  -- With one owned bucket of 256 it fails once in 10^17 calls.
  for try in 1..10000 loop
    id := nextval(from_sequence);
    if cardinality(owned) = 256 or owned = array[0]::smallint[]
      or (hashtextextended(array_to_string(before || id::text, chr(31)) collate "C", 0) & 255)::smallint = any (owned) then
      return id;
    end if;
  end loop;
  raise exception using errcode = 'BY001', message = format('group %s: no id was found in a bucket owned here', of_group);
end $$;

-- Who holds a bucket against a fence. A prepared transaction has no pid.
create function banyan.bucket_holders(of_group text, of_bucket integer)
returns table (pid integer, application text, login text, transaction_ms bigint, query_ms bigint, session_state text, prepared text)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select l.pid, coalesce(nullif(a.application_name, ''), '(unnamed)'), a.usename::text,
    (extract(epoch from clock_timestamp() - coalesce(a.xact_start, p.prepared)) * 1000)::bigint,
    (extract(epoch from clock_timestamp() - a.query_start) * 1000)::bigint, a.state, p.gid
  from banyan.groups g
  join pg_locks l on l.locktype = 'advisory' and l.classid = 1650552441 and l.objid = (g.group_id * 256 + of_bucket)::oid
    and l.objsubid = 2 and l.granted and l.database = (select oid from pg_database where datname = current_database())
  left join pg_stat_activity a on a.pid = l.pid
  left join pg_locks x on l.pid is null and x.pid is null and x.locktype = 'transactionid'
    and x.virtualtransaction = l.virtualtransaction
  left join pg_prepared_xacts p on p.transaction = x.transactionid
  where g.name = of_group and l.pid is distinct from pg_backend_pid()
  order by coalesce(a.xact_start, p.prepared) nulls first limit 20
$$;

-- @returns how many rows went
create function banyan.trim_audit(keep bigint) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with gone as (delete from banyan.audit where audit_id <= (select max(audit_id) from banyan.audit) - greatest(keep, 10000) returning 1)
  select count(*) from gone
$$;
