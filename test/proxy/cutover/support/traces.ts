import type { TestDatabase } from '#test/support/database.ts';

/** All that an installation could leave behind in a database, and the roles that its rights name. */
export async function traces(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ trace: string }>(
    `select 'schema ' || nspname as trace from pg_namespace where nspname !~ '^pg_toast|^pg_temp'
     union all select 'relation ' || oid::regclass || ' ' || coalesce(relacl::text, '') from pg_class where oid >= 16384
       and relnamespace <> 'pg_toast'::regnamespace
     union all select 'column ' || attrelid::regclass || '.' || attname || ' ' || attacl::text from pg_attribute
       where attacl is not null and attrelid >= 16384
     union all select 'type ' || oid::regtype from pg_type where oid >= 16384
     union all select 'function ' || oid::regprocedure from pg_proc where oid >= 16384
     union all select 'trigger ' || tgname || ' on ' || tgrelid::regclass from pg_trigger where not tgisinternal
     union all select 'event trigger ' || evtname from pg_event_trigger
     union all select 'role ' || rolname from pg_roles where rolname = 'banyan_definer_' ||
       (select oid from pg_database where datname = current_database())
     union all select 'rights of ' || d.refobjid::text from pg_shdepend d
       where d.dbid = (select oid from pg_database where datname = current_database()) and d.deptype in ('a', 'o')
         and d.classid <> 'pg_database'::regclass and d.refobjid >= 16384
     order by 1`,
  );
  return rows.map(({ trace }) => trace);
}
