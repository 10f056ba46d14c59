import { escapeIdentifier, type Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { undoInterleaved } from '../ids/sequences.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { revokeConnect } from './database-connect.ts';
import { dropGuard } from './guard.ts';
import { asInstaller } from './installer-session.ts';
import { installedMigrations } from './other-migrations.ts';
import { withPatientLock } from './patient-lock.ts';
import { removeMigration } from './remove-migration.ts';
import type { InstallOptions, InstallReport } from './report.types.ts';
import { dropRoles, rolesOf, type Roles } from './roles.ts';

const defaults = { lockWaitMs: 100, giveUpMs: 120_000 } as const;

/**
 * Takes everything out again: it goes by the catalogs, not by what an installation says of itself, so half an installation
 * leaves no trace either. Where other migrations are installed in the database, only what is this one's goes. The tables and
 * their rows stay as they are.
 * @throws TABLE_BUSY; what was removed before stays removed
 */
export async function uninstall(
  plan: CutoverPlan,
  side: Side,
  options: InstallOptions = {},
): Promise<InstallReport> {
  const { lockWaitMs, giveUpMs } = { ...defaults, ...options };
  return asInstaller({ plan, side, giveUpMs }, async (client) => {
    const roles = await rolesOf(client, plan.databases[side].url);
    const others = (await installedMigrations(client)).filter(
      ({ migration }) => migration !== plan.migration,
    );
    if (others.length > 0)
      return { side, changes: await removeMigration(client, { plan, roles, lockWaitMs, giveUpMs }) };
    await dropGuard(client);
    const changes: string[] = [];
    for (const { table, triggers } of await ourTriggers(client)) {
      const statements = triggers.map(
        (name) => `drop trigger if exists ${escapeIdentifier(name)} on ${table}`,
      );
      await withPatientLock(client, statements, { table, waitMs: lockWaitMs, giveUpMs });
      changes.push(`triggers of ${table}`);
    }
    const patience = { waitMs: lockWaitMs, giveUpMs };
    changes.push(...(await undoInterleaved(client, { applier: roles.applier, ...patience })));
    const { rowCount } = await client.query(`select from pg_namespace where nspname = 'banyan'`);
    if (rowCount !== 0) {
      await client.query('drop schema banyan cascade');
      changes.push('schema banyan');
    }
    await revokeAll(client, roles);
    await revokeConnect(client, roles.applier);
    changes.push(...(await dropRoles(client, roles)));
    return { side, changes };
  });
}

/** Whatever calls a function of the schema, by table; partitions lose theirs with their parent's, and its own tables with it. */
async function ourTriggers(client: Client): Promise<{ table: string; triggers: string[] }[]> {
  const { rows } = await client.query<{ table: string; triggers: string[] }>(
    `select t.tgrelid::regclass::text as table, array_agg(t.tgname::text) as triggers
     from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where p.pronamespace = to_regnamespace('banyan') and not t.tgisinternal and t.tgparentid = 0
       and t.tgrelid not in (select oid from pg_class where relnamespace = to_regnamespace('banyan'))
     group by t.tgrelid order by 1`,
  );
  return rows;
}

/** Rights on what is not ours: the tables, their sequences, their schemas. */
async function revokeAll(client: Client, roles: Roles): Promise<void> {
  for (const role of Object.values(roles) as string[]) {
    const { rows } = await client.query<{ statement: string }>(
      `select distinct format('revoke all on %s %s from %I', case c.relkind when 'S' then 'sequence' else 'table' end,
         c.oid::regclass, $1::text) as statement
       from pg_shdepend d join pg_class c on c.oid = d.objid and d.classid = 'pg_class'::regclass
       where d.refobjid = to_regrole($2) and d.deptype = 'a'
         and d.dbid = (select oid from pg_database where datname = current_database())
       union all
       select format('revoke all on schema %I from %I', n.nspname, $1::text)
       from pg_shdepend d join pg_namespace n on n.oid = d.objid and d.classid = 'pg_namespace'::regclass
       where d.refobjid = to_regrole($2) and d.deptype = 'a'
         and d.dbid = (select oid from pg_database where datname = current_database())`,
      [role, escapeIdentifier(role)],
    );
    for (const { statement } of rows) await client.query(statement);
  }
}
