import { Client } from 'pg';

/** Names of the foreign keys by which other tables of the monolith need the users' tables. */
export async function keysToUsers(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `select k.conname as name from pg_constraint k
       where k.contype = 'f' and k.confrelid = any($1::regclass[]) and k.conrelid <> all($1::regclass[]) order by 1`,
      [['users', 'user_profiles', 'user_preferences', 'auth_tokens']],
    );
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
