import { QueryTypes } from 'sequelize';
import type { UserModels } from './models.ts';

// Each login and refresh adds two rows and takes up to this many expired ones away, so the table cannot grow for ever
// and a backlog shrinks.
const sweepLimit = 100;

/**
 * Deletes the tokens that expired longest ago, at most 100. Rows that another transaction has locked are left to it, so
 * sweeps at once neither wait for each other nor deadlock.
 * @returns how many were deleted
 */
export async function sweepExpiredTokens(models: UserModels): Promise<number> {
  return models.sequelize.query(
    `delete from auth_tokens where id in (
       select id from auth_tokens where expires_at <= $1 order by expires_at limit $2 for update skip locked)`,
    // As text: pg would write a Date in the local time of this process.
    { bind: [new Date().toISOString(), sweepLimit], type: QueryTypes.BULKDELETE },
  );
}
