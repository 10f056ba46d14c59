import type { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { ensureInterleaved } from '../ids/sequences.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { ensureConnect } from './database-connect.ts';
import { ensureDataset } from './dataset-objects.ts';
import { installError } from './failures.ts';
import { refuseOthers } from './other-migrations.ts';
import { ensureGuard } from './guard.ts';
import { asInstaller } from './installer-session.ts';
import type { InstallOptions, InstallReport } from './report.types.ts';
import { ensureRoles, rolesOf, type Roles } from './roles.ts';
import { filesThatRan, runSchemaFiles, schemaFolder } from './schema-files.ts';
import { grantSchema } from './schema-grants.ts';
import { ensureStatistics } from './statistics.ts';
import { ensureTriggers } from './triggers.ts';

const defaults = { owner: 'monolith', lockWaitMs: 100, giveUpMs: 120_000 } as const;

/**
 * Puts schema, roles, gate and capture into one side's database. Each step is whole or not there and does nothing where it
 * was done, so it can be called again after anything, and by two at once.
 * @throws an InstallError (its `code` says which), or the database's own error; what was done before stays
 */
export async function install(
  plan: CutoverPlan,
  side: Side,
  options: InstallOptions = {},
): Promise<InstallReport> {
  const { folder = schemaFolder, owner, lockWaitMs, giveUpMs } = { ...defaults, ...options };
  const { url } = plan.databases[side];
  return asInstaller({ plan, side, giveUpMs }, async (client) => {
    const roles = await rolesOf(client, url);
    const changes = await ensureRoles(client, roles, url);
    changes.push(...(await ensureConnect(client, roles.applier)));
    changes.push(...(await ensureStatistics(client, roles)));
    changes.push(...(await runSchemaFiles(client, folder, roles)));
    changes.push(...(await ensureInstallation(client, { plan, side, roles, owner })));
    await grantSchema(client, roles);
    for (const dataset of plan.groups.flatMap(({ datasets }) => datasets)) {
      const made = await ensureDataset(client, { dataset, side, roles });
      changes.push(...made.changes);
      changes.push(...(await ensureTriggers(client, made.installed, { waitMs: lockWaitMs, giveUpMs })));
    }
    const patience = { waitMs: lockWaitMs, giveUpMs };
    changes.push(...(await ensureInterleaved({ client, plan, side, applier: roles.applier, ...patience })));
    // Again, for the tables that the datasets brought.
    await grantSchema(client, roles);
    changes.push(...(await ensureGuard(client)));
    return { side, changes };
  });
}

/**
 * Brings what an older program installed to this one's: the numbered files that have not run, and every generated function.
 * @throws NOT_INSTALLED, NEWER_INSTALLATION, and what `install` throws
 */
export async function upgrade(
  plan: CutoverPlan,
  side: Side,
  options: InstallOptions = {},
): Promise<InstallReport> {
  const { giveUpMs } = { ...defaults, ...options };
  const ran = await asInstaller({ plan, side, giveUpMs }, filesThatRan);
  if (ran.length === 0)
    throw installError('NOT_INSTALLED', `nothing of Banyan is on the ${side}: install it`);
  return install(plan, side, options);
}

export interface Installation {
  readonly plan: CutoverPlan;
  readonly side: Side;
  readonly roles: Roles;
  readonly owner: Side;
}

async function ensureInstallation(
  client: Client,
  { plan, side, roles, owner }: Installation,
): Promise<string[]> {
  await refuseOthers(client, { plan, side, roles, owner });
  const made = await client.query(
    'insert into banyan.installation (migration, side, applier) values ($1, $2, $3) on conflict do nothing',
    [plan.migration, side, roles.applier],
  );
  await client.query('update banyan.installation set applier = $1 where applier <> $1', [roles.applier]);
  for (const { name, buckets } of plan.groups) {
    // In one statement, so that no group is ever there without its buckets.
    await client.query(
      `with made as (
         insert into banyan.groups (migration, name, buckets) values ($4, $1, $2) on conflict (name) do nothing
         returning group_id)
       insert into banyan.buckets (group_id, bucket, state, epoch)
       select group_id, bucket, $3, 1 from made cross join generate_series(0, $2::int - 1) bucket`,
      [name, buckets, owner === side ? 'owner' : 'follower', plan.migration],
    );
  }
  return made.rowCount === 1 ? [`installation as ${side}`] : [];
}
