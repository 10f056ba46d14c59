import type { ClientBase } from 'pg';

/** Who holds a table or one of its partitions against a lock that excludes writers; one line each, the longest first. */
export async function blockersOf(client: ClientBase, table: string): Promise<string[]> {
  const { rows } = await client.query<{ who: string }>(
    `select case when l.pid is null then 'a prepared transaction (see pg_prepared_xacts)'
       else format('pid %s, application %s, %s, transaction since %s, query since %s', l.pid,
         coalesce(nullif(a.application_name, ''), '(unnamed)'), coalesce(a.state, 'state unknown'),
         coalesce(a.xact_start::text, '?'), coalesce(a.query_start::text, '?')) end as who
     from pg_locks l left join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'relation' and l.granted and l.pid is distinct from pg_backend_pid()
       and l.database = (select oid from pg_database where datname = current_database())
       and l.mode not in ('AccessShareLock', 'RowShareLock')
       and l.relation in (select $1::regclass union all select relid from pg_partition_tree($1::regclass))
     group by l.pid, a.application_name, a.state, a.xact_start, a.query_start
     order by a.xact_start nulls first limit 10`,
    [table],
  );
  return rows.map(({ who }) => who);
}
