import type { Client } from 'pg';
import type { CutoverPlan } from '../plan.types.ts';
import { installError } from './failures.ts';
import type { Installation } from './install.ts';

export interface InstalledMigration {
  readonly migration: string;
  readonly side: string;
  readonly applier: string;
}

/** Every migration that this database is a side of; none where there is no schema yet, or only part of it. */
export async function installedMigrations(client: Pick<Client, 'query'>): Promise<InstalledMigration[]> {
  const there = await client.query(`select where to_regclass('banyan.installation') is not null`);
  if (there.rowCount === 0) return [];
  const { rows } = await client.query<InstalledMigration>(
    'select migration, side, applier::text as applier from banyan.installation order by migration',
  );
  return rows;
}

/**
 * Several migrations may share a database, if what they call things can be told apart and they copy as the same login:
 * a gate lets one login pass, and a copy into a table must also pass the gates that its foreign keys set off.
 * @throws OTHER_INSTALLATION
 */
export async function refuseOthers(client: Client, { plan, side, roles }: Installation): Promise<void> {
  const { migration } = plan;
  for (const there of await installedMigrations(client)) {
    if (there.migration === migration && there.side !== side)
      throw refusal(
        `this database is installed as the ${there.side} of ${migration}, not as the ${side}: look at the URLs, or uninstall`,
      );
    if (there.migration !== migration && there.applier !== roles.applier)
      throw refusal(
        `migration ${there.migration} copies into this database as ${there.applier}, and ${migration} would as ${roles.applier}: name the same login in both urls`,
      );
  }
  const { rows } = await client.query<{ what: string; name: string; migration: string }>(
    `select 'group' as what, name, migration from banyan.groups where name = any($1) and migration <> $3
     union all
     select 'dataset', d.name, g.migration from banyan.datasets d join banyan.groups g using (group_id)
     where d.name = any($2) and g.migration <> $3`,
    [plan.groups.map(({ name }) => name), datasetNames(plan), migration],
  );
  const [taken] = rows;
  if (taken !== undefined)
    throw refusal(
      `${taken.what} ${taken.name} of ${migration} has a name that migration ${taken.migration} uses in this database: names are unique over all migrations that share one`,
    );
}

function datasetNames(plan: CutoverPlan): string[] {
  return plan.groups.flatMap(({ datasets }) => datasets.map(({ name }) => name));
}

function refusal(message: string): Error {
  return installError('OTHER_INSTALLATION', message);
}
