import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` in one transaction. When it throws, the transaction is rolled back; a connection on which even that fails is
 * not used again.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  begin = 'begin',
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // While it is ours, a connection that breaks is not the pool's to report.
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (cause) {
    await client.query('rollback').catch((error: unknown) => {
      broken = Error.isError(error) ? error : new Error(String(error));
    });
    throw cause;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
