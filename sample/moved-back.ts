import { setTimeout as delay } from 'node:timers/promises';
import { returnToUsers } from '#monolith/release/release.ts';
import type { Sample } from './bring-up.ts';
import type { SampleEvent } from './events.ts';
import { notMovedYet, ownershipOf } from './ownership-look.ts';
import { readProxyStatus } from './proxy-status.ts';
import { keysToUsers } from './release/foreign-keys.ts';

export interface MovedBackOptions {
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

const pollMs = 200;
/** Those that the monolith's schema makes. */
const allKeys = 5;

/**
 * A run begins where the first stage wants the data, with the monolith's old release. An earlier run on the same folder may
 * have left the data with the service, and the monolith without its foreign keys: both come back, whatever it ended in.
 */
export async function movedBack(
  { migration, places, monolithDatabase }: Sample,
  { tell, signal }: MovedBackOptions,
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const status = await readProxyStatus(places.adminUrl);
    const reason = notMovedYet(ownershipOf(status, migration.name), 'off');
    if (reason === undefined) break;
    if (reason !== told) tell({ event: 'holding', reason });
    told = reason;
    await delay(pollMs, undefined, { signal });
  }
  if ((await keysToUsers(monolithDatabase)).length === allKeys) return;
  tell({ event: 'starting', what: 'the foreign keys to the users again' });
  await returnToUsers(monolithDatabase);
}
