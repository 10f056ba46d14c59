import type { ClientBase } from 'pg';
import { kindOfError } from './failures.ts';

/**
 * Does the work so that all of it or nothing stays, inside a transaction.
 * @returns what a row is refused for, or `undefined`
 * @throws what is no row's fault
 */
export async function tryInSavepoint(client: ClientBase, work: () => Promise<void>): Promise<unknown> {
  await client.query('savepoint banyan');
  try {
    await work();
    await client.query('release savepoint banyan');
    return undefined;
  } catch (cause) {
    if (kindOfError(cause) !== 'row') throw cause;
    await client.query('rollback to savepoint banyan; release savepoint banyan');
    return cause;
  }
}
