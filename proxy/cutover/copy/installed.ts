import type { Side } from '#flags/stages.ts';
import { codeOf } from '#shared/errors/code.ts';
import { openSide } from '../database.ts';
import type { InstalledState } from '../install/report.types.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { sideError } from './side-problem.ts';

/**
 * What the applier's role can see of the installation, which is all that the mover needs: it has no right to the catalogs of
 * the installer. `undefined`: nothing is there, or not for this role.
 */
export async function installedAsApplier(plan: CutoverPlan, side: Side): Promise<InstalledState | undefined> {
  const pool = openSide(plan, side, { part: 'status', max: 1 });
  try {
    const { rows: there } = await pool.query<{ there: boolean }>(
      `select exists (select from pg_namespace n join pg_class c on c.relnamespace = n.oid
         where n.nspname = 'banyan' and c.relname = 'installation' and has_schema_privilege(n.oid, 'USAGE')) as there`,
    );
    if (there[0]?.there !== true) return undefined;
    const { rows } = await pool.query<{ migration: string; side: string; datasets: string[] }>(
      `select migration, side, array(select name from banyan.datasets) as datasets from banyan.installation
       where migration = $1`,
      [plan.migration],
    );
    const [found] = rows;
    if (found === undefined) return undefined;
    const differences: string[] = [];
    if (found.side !== side) differences.push(`it is installed as the ${found.side} of ${found.migration}`);
    for (const { name } of plan.groups.flatMap(({ datasets }) => datasets))
      if (!found.datasets.includes(name)) differences.push(`dataset ${name} is not installed: install again`);
    return { version: 1, differences };
  } catch (error) {
    // The role is made by the installation.
    if (['28P01', '28000', '42501'].includes(codeOf(error) ?? '')) return undefined;
    throw sideError(error, { plan, side });
  } finally {
    await pool.end();
  }
}
