import type { Pool, PoolClient, QueryResult } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import type { BucketFact } from './facts.types.ts';
import { stepSql, type StepRequest } from './step-sql.ts';
import { moveSteps, type Step } from './table.ts';

/** `taken`; `other-state`: the compare-and-set found something else; `held`: a transaction holds the bucket. */
export type StepResult = 'taken' | 'other-state' | 'held';

/** lock_not_available; deadlock_detected: a writer of several buckets and this wait for each other, and this gives way. */
const held = ['55P03', '40P01'];

/**
 * Takes one step on the side of `pool`.
 * @param seen what was read of the other side, for the guards that ask for it
 * @throws what PostgreSQL says, and errors of the connection: then the step was taken or not, and the facts tell which
 */
export async function takeStep(
  pool: Pool,
  request: StepRequest,
  seen: BucketFact | undefined,
): Promise<StepResult> {
  const step: Step = moveSteps[request.step];
  for (const guard of step.guards) {
    if (guard.on === 'seen' && (seen?.state !== guard.state || seen.epoch !== request.epoch + guard.plus))
      return 'other-state';
  }
  const taken = await inOneMessage(pool, stepSql(request));
  return taken === 'held' ? 'held' : taken > 0 ? 'taken' : 'other-state';
}

/**
 * Runs statements that begin and commit a transaction, in one message.
 * @returns the rows of the last SELECT, counted; or `held` where a lock was not to be had
 */
export async function inOneMessage(pool: Pool, sql: string): Promise<number | 'held'> {
  const client: PoolClient = await pool.connect();
  const ignore = (): void => undefined;
  // A connection that breaks while it is lent out is told by the query.
  client.on('error', ignore);
  let broken = true;
  try {
    const results = (await client.query(sql)) as unknown as readonly QueryResult[];
    broken = false;
    return results.at(-2)?.rowCount ?? 0;
  } catch (cause) {
    if (!held.includes(codeOf(cause) ?? '')) throw cause;
    await client.query('rollback');
    broken = false;
    return 'held';
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}
