import type { Pool, PoolClient } from 'pg';

/** Several connections that all see one and the same state of a database. */
export interface Cut {
  /** pg_current_snapshot() as text. */
  readonly snapshot: string;
  readonly connections: readonly PoolClient[];
  close(): Promise<void>;
}

/** Takes a snapshot and shares it out; nothing is locked, but dead rows stay until `close`. */
export async function takeCut(pool: Pool, connections: number): Promise<Cut> {
  const clients: PoolClient[] = [];
  async function close(): Promise<void> {
    // What is closed already is not closed again.
    await Promise.all(
      clients.splice(0).map((client) =>
        client.query('rollback').then(
          () => client.release(),
          (cause: unknown) => client.release(Error.isError(cause) ? cause : true),
        ),
      ),
    );
  }
  async function begin(): Promise<PoolClient> {
    const client = await pool.connect();
    // It waits inside its transaction while others work: cut off then, it would end the process. One listener, however often it is lent.
    client.off('error', ignore).on('error', ignore);
    clients.push(client);
    await client.query('begin isolation level repeatable read read only');
    return client;
  }
  try {
    const first = await begin();
    const { rows } = await first.query<{ exported: string; snapshot: string }>(
      'select pg_export_snapshot() as exported, pg_current_snapshot()::text as snapshot',
    );
    const { exported = '', snapshot = '' } = rows[0] ?? {};
    while (clients.length < connections) {
      const client = await begin();
      await client.query(`set transaction snapshot '${exported}'`);
    }
    return { snapshot, connections: [...clients], close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function ignore(): void {
  // Whoever uses it next sees it fail.
}
