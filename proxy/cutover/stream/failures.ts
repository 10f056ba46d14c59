import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';

/** What can stop a stream for a while or for good. */
export const streamFailures = {
  'source-unreachable': 'The side that is followed does not answer, or not in time.',
  'target-unreachable': 'The side that is written does not answer, or not in time.',
  'source-refuses': 'The side that is followed refuses: a column, a right or an object is missing.',
  'target-refuses': 'The side that is written refuses: a column, a right or an object is missing.',
  'source-went-back':
    'The side that is followed knows less than was read from it already (restored, or a standby took over): backfill again.',
  'capture-gap':
    'Writes were not captured for a while since this copy began, or are gone from the outbox: the mover begins the copy anew; without one, set the stage to off and back (banyan flags stage).',
  superseded: 'Another process carries this group.',
  'parts-moved':
    'Partitions came or went with their rows past the triggers, so the copy has ended; the apps go on. Run banyan cutover install, and set the stage to off and back.',
  'over-limit':
    'Writes are not captured any more, so the copy has ended; the apps go on. To begin anew set the stage to off and back.',
} as const;

export type StreamFailureCode = keyof typeof streamFailures;

export interface StreamFailure extends Error {
  readonly name: 'StreamFailure';
  readonly code: StreamFailureCode;
}

export function streamFailure(code: StreamFailureCode, cause?: unknown): StreamFailure {
  const detail = cause === undefined ? '' : ` (${messageOf(cause)})`;
  const error = new Error(`${streamFailures[code]}${detail}`, cause === undefined ? undefined : { cause });
  return Object.assign(error, { name: 'StreamFailure' as const, code });
}

export function isStreamFailure(value: unknown): value is StreamFailure {
  return Error.isError(value) && value.name === 'StreamFailure';
}

/** Classes of SQLSTATE that say something of a connection, a server or a transaction, not of a row. */
const unreachable = ['08', '25', '40', '53', '55', '57', '58', 'F0', 'XX'];
/** Classes that say that what was installed or configured does not fit. */
const refused = ['0A', '0L', '0P', '28', '34', '3D', '3F', '42', 'BY'];

/** Classes that say nothing of a row. */
export const noRowsFault: readonly string[] = [...unreachable, ...refused];

/**
 * `row`: this row can't be written, another may. `refused`: what was installed does not fit. `unreachable`: the server,
 * the connection or the time; again later.
 */
export function kindOfError(cause: unknown): 'row' | 'refused' | 'unreachable' {
  const state = sqlStateOf(cause);
  if (state === undefined) return 'unreachable';
  // A value that no index entry can hold, and a deferrable key: PostgreSQL files them under limits and object states.
  if (state === '54000') return 'row';
  if (state === '55000') return 'refused';
  const kind = state.slice(0, 2);
  if (unreachable.includes(kind)) return 'unreachable';
  return refused.includes(kind) ? 'refused' : 'row';
}

/** What the server said; `undefined` for what Node says of a socket (`EPIPE` has five letters as well). */
export function sqlStateOf(cause: unknown): string | undefined {
  return Error.isError(cause) && 'severity' in cause ? codeOf(cause) : undefined;
}

/** The failure of a stream for an error that one of its two sides gave. */
export function failureOf(side: 'source' | 'target', cause: unknown): StreamFailure {
  if (isStreamFailure(cause)) return cause;
  return streamFailure(`${side}-${kindOfError(cause) === 'unreachable' ? 'unreachable' : 'refuses'}`, cause);
}
