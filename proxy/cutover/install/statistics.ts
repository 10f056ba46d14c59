import { escapeIdentifier, type ClientBase } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import type { Roles } from './roles.ts';

const insufficientPrivilege = '42501';

/**
 * Lets the definer see how long other sessions' transactions have been open, which `banyan.bucket_holders` tells of those
 * that hold up a move: their ages and states, never the text of a query. Where the installer has no right to give that,
 * they are named without.
 */
export async function ensureStatistics(client: ClientBase, { definer }: Roles): Promise<string[]> {
  const { rows } = await client.query<{ has: boolean }>(
    `select pg_has_role($1, 'pg_read_all_stats', 'usage') as has`,
    [definer],
  );
  if (rows[0]?.has === true) return [];
  try {
    await client.query(`grant pg_read_all_stats to ${escapeIdentifier(definer)}`);
    return [`right to see ages of transactions`];
  } catch (error) {
    if (codeOf(error) !== insufficientPrivilege) throw error;
    return [];
  }
}
