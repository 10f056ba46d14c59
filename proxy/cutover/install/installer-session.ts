import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { installerClient } from '../database.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { installError } from './failures.ts';

const installerLock = '1650552441, -1';
const pauseMs = 200;

/**
 * Runs `work` on a connection of its own while no other installer works on the database; a second one waits its turn.
 * @throws INSTALLER_BUSY after `giveUpMs`
 */
export async function asInstaller<T>(
  { plan, side, giveUpMs }: { plan: CutoverPlan; side: Side; giveUpMs: number },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = installerClient(plan, side, { part: 'install' });
  await client.connect();
  try {
    for (const end = Date.now() + giveUpMs; ; await delay(pauseMs)) {
      const { rows } = await client.query<{ free: boolean }>(
        `select pg_try_advisory_lock(${installerLock}) as free`,
      );
      if (rows[0]?.free === true) break;
      if (Date.now() > end)
        throw installError('INSTALLER_BUSY', `another installer has been at work for ${giveUpMs} ms`);
    }
    return await work(client);
  } finally {
    // Ends the session, and its lock with it.
    await client.end();
  }
}
