import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#shared/postgres/embedded.ts';

const previousEndsWithinMs = 20_000;
// What a server says whose predecessor, or a process of it, still runs on the same data.
const stillThere = /postmaster\.pid|pre-existing shared memory block/;

export interface ServerOptions {
  readonly dataFolder: string;
  readonly port: number;
}

/**
 * Starts PostgreSQL on the data folder. A server of a run that was killed shuts itself down, which may take a while: it
 * is waited for.
 */
export async function startDatabaseServer(options: ServerOptions): Promise<EmbeddedPostgres> {
  for (const deadline = Date.now() + previousEndsWithinMs; ; await delay(250)) {
    try {
      return await startEmbeddedPostgres(options);
    } catch (error) {
      const isHeld = Error.isError(error) && stillThere.test(error.message);
      if (!isHeld || Date.now() > deadline) throw error;
    }
  }
}

/**
 * Waits until the server of an earlier run has left this folder; after 20 s it gives up, and what comes next tells why it
 * cannot have the folder.
 */
export async function previousServerEnds(dataFolder: string): Promise<void> {
  const deadline = Date.now() + previousEndsWithinMs;
  while (isServed(dataFolder) && Date.now() < deadline) await delay(100);
}

/** The first line of the file is the server's process id; a crash leaves the file behind. */
function isServed(dataFolder: string): boolean {
  try {
    return process.kill(Number.parseInt(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8'), 10), 0);
  } catch {
    return false;
  }
}
