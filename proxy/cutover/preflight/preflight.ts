import type { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import { connectReading, placeOf } from '../catalog/connect.ts';
import { readServer } from '../catalog/server.ts';
import { readCatalog } from '../catalog/tables.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { readApplier } from './applier.ts';
import { columnChecks } from './checks/columns.ts';
import { foreignKeyChecks } from './checks/foreign-keys.ts';
import { keyChecks } from './checks/keys.ts';
import { roleChecks } from './checks/roles.ts';
import { sequenceChecks } from './checks/sequences.ts';
import { serverChecks } from './checks/servers.ts';
import { tableChecks } from './checks/tables.ts';
import { triggerChecks } from './checks/triggers.ts';
import type { Check, PreflightFacts, SideFacts } from './facts.types.ts';
import { bothSides } from './found-tables.ts';
import { severities, type PreflightReport, type Remark } from './remark.types.ts';
import { thereAndBack } from './sample/there-and-back.ts';

export interface PreflightOptions {
  /** Rows of each table and side that are taken through the mapping and back, 0 to 100,000. Default 1,000. */
  readonly sampleRows?: number | undefined;
  /** Only these groups. Default: all. */
  readonly groups?: readonly string[] | undefined;
}

const checks: readonly Check[] = [
  tableChecks,
  keyChecks,
  columnChecks,
  foreignKeyChecks,
  triggerChecks,
  sequenceChecks,
  roleChecks,
  serverChecks,
];

/**
 * Reads both databases and tells everything that stands in the way of a right copy, at once. It writes nothing. A
 * database that cannot be reached is a remark as well, and the other one is not judged alone.
 */
export async function preflight(plan: CutoverPlan, options: PreflightOptions = {}): Promise<PreflightReport> {
  const { sampleRows = 1_000, groups } = options;
  const startedAt = new Date();
  const chosen = plan.groups.filter(({ name }) => groups === undefined || groups.includes(name));
  const datasets = chosen.flatMap((group) => group.datasets);
  const opened = await Promise.all(bothSides.map((side) => openSideFacts(plan, side)));
  const report = (remarks: readonly Remark[], rowsTried: number): PreflightReport => ({
    migration: plan.migration,
    startedAt: startedAt.toISOString(),
    tookMs: Date.now() - startedAt.getTime(),
    remarks: bySeverity(remarks),
    datasets: datasets.length,
    rowsTried,
  });
  try {
    const [monolith, service] = opened;
    if (monolith === undefined || service === undefined || 'code' in monolith || 'code' in service) {
      return report(
        opened.filter((side) => 'code' in side),
        0,
      );
    }
    const facts: PreflightFacts = { plan, datasets, sides: { monolith, service } };
    const told = checks.flatMap((check) => check(facts));
    const tried = await thereAndBack(facts, sampleRows);
    return report([...told, ...tried.remarks], tried.rowsTried);
  } finally {
    await Promise.all(opened.map(async (side) => ('code' in side ? undefined : side.client.end())));
  }
}

async function openSideFacts(plan: CutoverPlan, side: Side): Promise<SideFacts | Remark> {
  const { url, installUrl } = plan.databases[side];
  let client: Client | undefined;
  try {
    client = await connectReading(installUrl ?? url);
    const catalog = await readCatalog(client);
    const server = await readServer(client);
    const applier = await readApplier(client, url);
    return { side, client, catalog, server, applier, hasInstallUrl: installUrl !== undefined };
  } catch (error) {
    await client?.end().catch(() => undefined);
    return {
      side,
      place: placeOf(installUrl ?? url),
      code: 'unreachable',
      severity: 'error',
      message: messageOf(error),
      remedy: `See that the server runs, and that migrations.${plan.migration}.data.${side}.${installUrl === undefined ? 'url' : 'installUrl'} is right.`,
    };
  }
}

function bySeverity(remarks: readonly Remark[]): Remark[] {
  return severities.flatMap((severity) => remarks.filter((remark) => remark.severity === severity));
}
