import { codeOf } from '#shared/errors/code.ts';

/** Every way in which a bulk copy ends without being complete, and what to do about it. */
export const failures = {
  'not-installed':
    'The dataset is not in the schema banyan of this side. Install first: `banyan cutover install`.',
  'owned-here': 'This side owns the group, so there is nothing to copy into it.',
  'run-closed': 'The run was closed or abandoned by someone else. Nothing more was written.',
  'too-many-parked':
    'Too many rows cannot be written here. See `banyan cutover parked`, mend the mapping, start again.',
  'gave-up':
    'A database did not answer, or the same thing failed again and again. Start again: it goes on where it was.',
  stopped: 'It was told to stop. Start again: it goes on where it was.',
} as const;

export type FailureCode = keyof typeof failures;

/** @param detail what is special about this one; no value of a row */
export function failure(code: FailureCode, detail: string, cause?: unknown): Error & { code: FailureCode } {
  return Object.assign(new Error(`${detail}: ${failures[code]}`, { cause }), { code });
}

export function isFailure(cause: unknown): cause is Error & { code: FailureCode } {
  const code = codeOf(cause);
  return code !== undefined && Object.hasOwn(failures, code);
}

/**
 * SQLSTATE classes that a row itself is to blame for: data exception, integrity constraint, an index entry too large, an
 * exception of a trigger. A statement that ends so is tried again in halves, until the row is found.
 */
const rowFaults = /^(22|23|54000|P0)/;

export function isRowFault(cause: unknown): boolean {
  return rowFaults.test(codeOf(cause) ?? '');
}

/** What goes on by itself: a lost connection, a restart, a deadlock, a lock or statement time-out, no space left. */
const passing =
  /^(08|40|53|55P03|57|58|25P0[23]|XX000|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|ERR_STREAM)/;

export function isPassing(cause: unknown): boolean {
  const code = codeOf(cause);
  // pg gives some of its own errors no code at all: a connection that ended or could not be made.
  return code === undefined
    ? Error.isError(cause) && /connection|timeout|socket|terminated/i.test(cause.message)
    : passing.test(code);
}
