import type { Limits } from './seam.ts';

/** Fills in what was left out. @throws RangeError for a limit that is not a number above 0 */
export function completeLimits(limits: Limits): Required<Limits> {
  const complete = {
    maxHeaderFields: 100,
    maxConnectionsPerClient: limits.maxConnections,
    sendTimeoutMs: 30_000,
    tunnelIdleTimeoutMs: 3_600_000,
    ...limits,
  };
  for (const [name, value] of Object.entries(complete)) {
    if (!(value > 0)) throw new RangeError(`limits.${name} must be a number above 0, not ${value}`);
  }
  return complete;
}

/** Counts the open connections of each client. Entries go with their last connection, so the table stays bounded. */
export interface ConnectionCounts {
  /** @returns false, and counts nothing, when one of the caps is reached */
  admit(address: string): boolean;
  release(address: string): void;
}

export function createConnectionCounts(limits: Required<Limits>): ConnectionCounts {
  const byClient = new Map<string, number>();
  let open = 0;
  return {
    admit(address) {
      const own = byClient.get(address) ?? 0;
      if (open >= limits.maxConnections || own >= limits.maxConnectionsPerClient) return false;
      open += 1;
      byClient.set(address, own + 1);
      return true;
    },
    release(address) {
      open -= 1;
      const own = (byClient.get(address) ?? 1) - 1;
      if (own === 0) byClient.delete(address);
      else byClient.set(address, own);
    },
  };
}
