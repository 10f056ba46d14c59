import type { TestDatabase } from '#test/support/database.ts';

const usersTables = ['users', 'user_profiles', 'user_preferences', 'auth_tokens'];

/** The foreign keys by which tables that stay need the users' tables, as Banyan looks for them before it completes. */
export async function keysToUsers(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ said: string }>(
    `select conname || case when convalidated then '' else ' (not valid)' end as said from pg_constraint
      where contype = 'f' and confrelid = any($1::regclass[]) and not conrelid = any($1::regclass[]) order by 1`,
    [usersTables],
  );
  return rows.map(({ said }) => said);
}

export const allKeys = [
  'idempotency_keys_user_id_fkey',
  'orders_user_id_fkey',
  'payments_user_id_fkey',
  'reservations_user_id_fkey',
  'stock_adjustments_user_id_fkey',
];
