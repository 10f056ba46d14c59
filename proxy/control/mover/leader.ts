import { Client } from 'pg';
import { sideError } from '#proxy/cutover/copy/side-problem.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

export interface Leadership {
  /** Aborted when the connection that holds the lock is lost: another mover may lead by then. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

const lockClass = 1_650_552_446;

/**
 * One mover leads a migration: it holds a lock of its session in the monolith's database. Two at once would do no harm,
 * since every part of the engine is fenced by itself, but double the work.
 * @returns `undefined` where another one leads
 */
export async function lead(plan: CutoverPlan): Promise<Leadership | undefined> {
  const lost = new AbortController();
  const client = new Client({
    connectionString: plan.databases.monolith.url,
    application_name: 'banyan mover',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    keepAlive: true,
  });
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort(new Error('the connection that holds the mover’s lock has ended')));
  try {
    await client.connect();
    const { rows } = await client.query<{ leads: boolean }>(
      'select pg_try_advisory_lock($1, hashtext($2)) as leads',
      [lockClass, plan.migration],
    );
    if (rows[0]?.leads === true) return { signal: lost.signal, release: () => client.end() };
    await client.end();
    return undefined;
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw sideError(cause, { plan, side: 'monolith' });
  }
}
