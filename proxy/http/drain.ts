import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConnection } from './client-connection.ts';

/** A request that was on its way when the drain began should still be answered, so idle connections wait this long. */
const graceMs = 250;
const lookMs = 10;

/**
 * Waits until no connection is open. Idle ones end after a short grace, the others with their exchange, since all
 * answers now say `Connection: close`; what is left after `withinMs` is cut.
 * @returns how many exchanges and tunnels were cut
 */
export async function drainConnections(
  connections: ReadonlySet<ClientConnection>,
  withinMs: number,
): Promise<number> {
  const began = performance.now();
  const grace = Math.min(graceMs, withinMs / 4);
  while (connections.size > 0) {
    const elapsed = performance.now() - began;
    if (elapsed >= withinMs) break;
    if (elapsed >= grace) for (const connection of connections) if (connection.idle) connection.cut();
    if (connections.size > 0) await delay(lookMs);
  }
  let cut = 0;
  for (const connection of connections) if (connection.cut()) cut += 1;
  return cut;
}
