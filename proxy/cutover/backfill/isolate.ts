import type { PoolClient } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { isRowFault } from './failures.ts';

/** Numbered rows, both ends included. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

export interface Isolated {
  readonly written: number;
  readonly parked: number;
}

export interface IsolateOptions {
  /** Writes the rows $1 to $2. */
  readonly insert: string;
  /** Parks row $1 with reason $2 and SQLSTATE $3. */
  readonly park: string;
  /** More than so many parked rows are too many: what fails then is not single rows. */
  readonly mayPark: number;
  /** Throws what is to be told. */
  readonly tooMany: () => Error;
}

/**
 * Writes a stretch of staged rows; where it fails by a row's fault it is cut in halves until the rows are found, which are
 * parked. All else is thrown. Inside the caller's transaction.
 */
export async function writeIsolating(
  client: PoolClient,
  stretch: Stretch,
  options: IsolateOptions,
): Promise<Isolated> {
  let written = 0;
  let parked = 0;
  const open: Stretch[] = [stretch];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { first, last } = next;
    if (first > last) continue;
    await client.query('savepoint stretch');
    try {
      const result = await client.query(options.insert, [first, last]);
      written += result.rowCount ?? 0;
    } catch (cause) {
      if (!isRowFault(cause)) throw cause;
      await client.query('rollback to savepoint stretch');
      if (first === last) {
        if (parked >= options.mayPark) throw options.tooMany();
        await client.query(options.park, [first, reasonOf(cause), codeOf(cause)]);
        parked += 1;
      } else {
        const middle = Math.floor((first + last) / 2);
        // The later half first onto the stack: the rows are written in their order.
        open.push({ first: middle + 1, last }, { first, last: middle });
      }
    }
    await client.query('release savepoint stretch');
  }
  return { written, parked };
}

const reasonLimit = 500;

/** PostgreSQL's message and constraint; not its DETAIL, which quotes whole rows. */
function reasonOf(cause: unknown): string {
  return messageOf(cause).slice(0, reasonLimit);
}
