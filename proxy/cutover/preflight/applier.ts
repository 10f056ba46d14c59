import type { Client } from 'pg';
import { installedMigrations, type InstalledMigration } from '../install/other-migrations.ts';

/** The role that the copy writes with, as it is before or after the installation. */
export interface ApplierFacts {
  readonly name: string;
  readonly exists: boolean;
  readonly isSuperuser: boolean;
  readonly bypassRowSecurity: boolean;
  /** Sessions of it that are none of Banyan's. */
  readonly otherSessions: readonly string[];
  /** Tables that it owns. */
  readonly owns: readonly string[];
  /** What `banyan.installation` says; empty: nothing is installed. */
  readonly installations: readonly InstalledMigration[];
}

const factsSql = `
select jsonb_build_object(
  'exists', exists (select from pg_roles where rolname = $1),
  'isSuperuser', coalesce((select rolsuper from pg_roles where rolname = $1), false),
  'bypassRowSecurity', coalesce((select rolbypassrls from pg_roles where rolname = $1), false),
  'otherSessions', coalesce((select jsonb_agg(distinct coalesce(nullif(application_name, ''), '(no name)'))
    from pg_stat_activity where usename = $1 and coalesce(application_name, '') not like 'banyan %'), '[]'),
  'owns', coalesce((select jsonb_agg(n.nspname || '.' || c.relname order by 1) from pg_class c
    join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
    where r.rolname = $1 and c.relkind in ('r', 'p') and n.nspname <> 'banyan'), '[]'),
  'hasInstallation', to_regclass('banyan.installation') is not null
    and has_schema_privilege('banyan', 'USAGE') and has_table_privilege('banyan.installation', 'SELECT')) as fact`;

type Facts = Omit<ApplierFacts, 'name' | 'installations'> & { readonly hasInstallation?: boolean };

export async function readApplier(client: Client, url: string): Promise<ApplierFacts> {
  const name = decodeURIComponent(new URL(url).username);
  // The privilege functions fail for a schema that is not there, so that is asked first.
  const { rows: schemas } = await client.query(`select from pg_namespace where nspname = 'banyan'`);
  const sql =
    schemas.length > 0
      ? factsSql
      : factsSql.replace(/'hasInstallation'[^]*\) as fact/, `'none', true) as fact`);
  const { rows } = await client.query<{ fact: string }>(sql, [name]);
  const { hasInstallation, ...facts } = JSON.parse(rows[0]?.fact ?? '{}') as Facts;
  return { ...facts, name, installations: hasInstallation === true ? await installedMigrations(client) : [] };
}
