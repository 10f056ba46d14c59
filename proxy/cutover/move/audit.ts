import type { Side } from '#flags/stages.ts';
import { bothSides } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { openPools } from './move.ts';
import { closePools } from './wanted.ts';

export interface AuditEntry {
  /** ISO 8601, by the clock of the side's database. */
  readonly at: string;
  readonly side: Side;
  readonly group: string;
  /** `undefined`: the whole group. */
  readonly bucket: number | undefined;
  readonly action: string;
  readonly state: string;
  readonly epoch: string;
  readonly by: string;
  readonly reason: string;
}

/** The last changes of ownership on both sides, newest first. */
export async function readAudit(plan: CutoverPlan, last: number): Promise<AuditEntry[]> {
  const pools = openPools(plan, 1);
  const groups = plan.groups.map(({ name }) => name);
  try {
    const found = await Promise.all(
      bothSides.map(async (side) => {
        const { rows } = await pools[side].query<
          Omit<AuditEntry, 'side' | 'bucket'> & { readonly bucket: number | null }
        >(
          `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, group_name as "group", bucket,
             action, state, epoch, made_by as by, reason
           from banyan.audit where group_name = any($1::text[]) order by audit_id desc limit $2`,
          [groups, last],
        );
        return rows.map((row) => ({ ...row, side, bucket: row.bucket ?? undefined }));
      }),
    );
    return found
      .flat()
      .toSorted((one, other) => other.at.localeCompare(one.at))
      .slice(0, last);
  } finally {
    await closePools(pools);
  }
}

/** Lets the oldest entries go, on both sides. @param keep at least 10,000 */
export async function trimAudit(plan: CutoverPlan, keep = 1_000_000): Promise<void> {
  const pools = openPools(plan, 1);
  try {
    for (const side of bothSides) await pools[side].query('select banyan.trim_audit($1)', [keep]);
  } finally {
    await closePools(pools);
  }
}
