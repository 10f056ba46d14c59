import type { CutoverPlan } from '../plan.types.ts';
import type { VerifyReport } from '../verify/verify.types.ts';
import { bothSides } from '../plan.ts';
import { openPools } from './move.ts';
import { closePools } from './wanted.ts';

/** How many are kept of each group. */
const kept = 100;

/** Notes on both sides what a comparison of everything found; moves and the completion ask for the last one. */
export async function recordVerification(
  plan: CutoverPlan,
  report: Pick<VerifyReport, 'owner' | 'datasets'>,
): Promise<void> {
  const pools = openPools(plan, 1);
  try {
    for (const { name, datasets } of plan.groups) {
      const found = report.datasets.filter(({ dataset }) => datasets.some((one) => one.name === dataset));
      // A comparison of some of a group's datasets says nothing of the group.
      if (found.length < datasets.length) continue;
      const sum = (of: (one: (typeof found)[number]) => number): number =>
        found.reduce((total, one) => total + of(one), 0);
      const values = [
        name,
        report.owner,
        sum(({ rows }) => rows),
        sum(({ differences, shardsUnopened }) => differences + shardsUnopened),
      ];
      for (const side of bothSides) {
        await pools[side].query(
          `insert into banyan.verifications (group_name, owner, rows_compared, differences) values ($1, $2, $3, $4)`,
          values,
        );
        await pools[side].query(
          `delete from banyan.verifications where group_name = $1 and verification_id <=
             (select max(verification_id) from banyan.verifications where group_name = $1) - $2`,
          [name, kept],
        );
      }
    }
  } finally {
    await closePools(pools);
  }
}
