import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import type { Status } from '#proxy/control/status.ts';

/** What the mover says of a migration's copy. */
export function copyOf(status: Status | undefined, migration: string): MoverStatus | undefined {
  return status?.cutover?.find((copy) => copy.migration === migration);
}

/** Why the service must not answer reads yet; `undefined` once the copy was found equal and is followed. */
export function copyNotReady(copy: MoverStatus | undefined): string | undefined {
  if (copy === undefined) return 'the mover has not said how the copy is';
  if (copy.lastError !== undefined) return `the copy is held up: ${copy.lastError}`;
  if (copy.verification.state === 'differs')
    return `the copy differs in ${copy.verification.differences} rows`;
  if (copy.phase !== 'following' || copy.verification.state !== 'equal') return `the copy is ${copy.phase}`;
  return undefined;
}

/** Why `off` has not had its effect yet; `undefined` once nothing is copied. */
export function copyNotDropped(copy: MoverStatus | undefined): string | undefined {
  return copy === undefined || copy.phase === 'off' ? undefined : 'the copy is being dropped';
}
