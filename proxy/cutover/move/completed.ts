import type { Pool } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import { openSide } from '../database.ts';
import { bothSides } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import type { MoveObstacle } from './move.types.ts';
import type { SidePools } from './read-facts.ts';

/** What one side's database says of the completion of some groups. */
export interface SideCompletion {
  /** Every one of them is complete. */
  readonly complete: boolean;
  /** Those that are; not all where one came into the configuration later. */
  readonly groups: readonly string[];
  /** ISO 8601, of the last one; `undefined` where none is. */
  readonly at: string | undefined;
  /** Who called for it. */
  readonly by: string | undefined;
}

interface Row {
  readonly name: string;
  readonly since: string;
  readonly by: string | null;
}

/** SQL: whether a row of banyan.groups is complete; also where `banyan cutover upgrade` has not brought the column yet. */
export function isCompleteSql(group: string): string {
  return `((pg_catalog.to_jsonb(${group}) ->> 'completed_at') is not null)`;
}

/** @throws what PostgreSQL says, also where nothing is installed */
export async function readCompletion(pool: Pool, groups: readonly string[]): Promise<SideCompletion> {
  const { rows } = await pool.query<Row>(
    `select g.name, to_jsonb(g) ->> 'completed_at' as since, (select a.made_by from banyan.audit a
       where a.group_name = g.name and a.action = 'complete' order by a.audit_id desc limit 1) as by
     from banyan.groups g where g.name = any($1::text[]) and ${isCompleteSql('g')} order by 2`,
    [groups],
  );
  const last = rows.at(-1);
  return {
    complete: groups.length > 0 && rows.length === groups.length,
    groups: rows.map(({ name }) => name),
    at: last === undefined ? undefined : new Date(last.since).toISOString(),
    by: last?.by ?? undefined,
  };
}

/** The role is made by the installation, and the schema with it. */
const notInstalled: readonly string[] = ['28P01', '28000', '42501', '3F000', '42P01'];

/**
 * Whether the way back was given up for good: the side that keeps the data says so for every group, which is the point from
 * which there is none. `undefined`: nothing is installed, or not for this role.
 * @throws what PostgreSQL or the connection says otherwise
 */
export async function isComplete(plan: CutoverPlan): Promise<boolean | undefined> {
  const pool = openSide(plan, 'service', {
    part: 'status',
    max: 1,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
  });
  try {
    const { complete } = await readCompletion(
      pool,
      plan.groups.map(({ name }) => name),
    );
    return complete;
  } catch (error) {
    if (notInstalled.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  } finally {
    await pool.end();
  }
}

/** Why no bucket of a group is moved any more; empty: it may be. */
export async function completedObstacles(pools: SidePools, group: string): Promise<MoveObstacle[]> {
  const found = await Promise.all(bothSides.map((side) => readCompletion(pools[side], [group])));
  const done = found.find(({ complete }) => complete);
  if (done === undefined) return [];
  return [
    {
      code: 'complete',
      message: `group ${group} is complete ${sinceText(done)}: the service keeps it, and there is no way back`,
    },
  ];
}

export function sinceText({ at, by }: Pick<SideCompletion, 'at' | 'by'>): string {
  return `since ${at?.slice(0, 19) ?? 'long ago'}Z${by === undefined ? '' : ` (${by})`}`;
}
