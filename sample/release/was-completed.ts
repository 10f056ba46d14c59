import { Client } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import type { EmbeddedPostgres } from '#shared/postgres/embedded.ts';

/**
 * Whether an earlier run, or somebody beside it, has completed the migration in one of these databases, or begun to. Then
 * the two sides go their own ways, and no run can begin on them.
 */
export async function wasCompleted(
  server: Pick<EmbeddedPostgres, 'url'>,
  databases: readonly string[],
): Promise<boolean> {
  for (const name of databases) if (await isComplete(server.url(name))) return true;
  return false;
}

const noSuchDatabase = '3D000';

async function isComplete(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const installed = await client.query<{ there: boolean }>(
      `select to_regclass('banyan.groups') is not null as there`,
    );
    if (installed.rows[0]?.there !== true) return false;
    const found = await client.query(
      `select 1 from banyan.groups g where to_jsonb(g) ->> 'completed_at' is not null limit 1`,
    );
    return found.rows.length > 0;
  } catch (error) {
    if (codeOf(error) === noSuchDatabase) return false;
    throw error;
  } finally {
    await client.end();
  }
}
