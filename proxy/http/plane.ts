import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { listenError } from '#shared/http/serve.ts';
import { ClientConnection } from './client-connection.ts';
import { Deadlines } from './deadlines.ts';
import { drainConnections } from './drain.ts';
import { createTrust, plainAddress } from './forwarding.ts';
import { createHeaderNames } from './header-names.ts';
import { createHeldRequests, defaultHoldLimits } from './held-requests.ts';
import { completeLimits, createConnectionCounts } from './limits.ts';
import type { PlaneContext } from './plane-context.ts';
import { refuseConnection } from './refuse-connection.ts';
import { createRetryBudget } from './retry-budget.ts';
import type { DataPlane, DataPlaneOptions } from './seam.ts';
import { createTlsListener } from './tls.ts';
import { UpstreamPool } from './upstream-pool.ts';
import { acceptWire } from './wire.ts';

const defaultRetryShare = 0.1;

/**
 * Listens, and forwards what comes as `decide` says.
 * @throws Error with one sentence when the address can't be had, an upstream's URL or a trusted range is none, or a
 * certificate can't be used
 */
export async function createDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const limits = completeLimits(options.limits);
  const isTrusted = createTrust(options.trustedProxies);
  const deadlines = new Deadlines();
  const pools = new Map<string, UpstreamPool>();
  for (const [name, upstream] of Object.entries(options.upstreams)) {
    pools.set(name, new UpstreamPool(name, upstream, deadlines));
  }
  const plane: PlaneContext = {
    limits,
    decide: options.decide,
    onExchange: options.onExchange,
    deadlines,
    pools,
    requestRules: {
      nameOf: createHeaderNames(options.managedHeaders ?? []),
      maxHeaderFields: limits.maxHeaderFields,
      nextId: createRequestIds(),
    },
    retryBudget: createRetryBudget(options.retryShare ?? defaultRetryShare),
    held: createHeldRequests(options.hold ?? defaultHoldLimits),
    heldAnswers: createHeldRequests(options.hold ?? defaultHoldLimits),
    serverTiming: options.serverTiming ?? false,
    draining: false,
    running: 0,
  };
  const connections = new Set<ClientConnection>();
  const counts = createConnectionCounts(limits);
  const secure = options.tls !== undefined;

  const onConnection = (accepted: Socket): void => {
    const address = plainAddress(accepted.remoteAddress);
    if (!counts.admit(address)) {
      refuseConnection(accepted);
      return;
    }
    const wire = acceptWire(accepted);
    wire.socket.setNoDelay(true);
    const connection = new ClientConnection({
      wire,
      peer: { address, trusted: isTrusted(address), secure },
      plane,
      onClosed: () => {
        connections.delete(connection);
        counts.release(address);
      },
    });
    connections.add(connection);
  };

  const tls = options.tls === undefined ? undefined : createTlsListener(options.tls);
  const server: Server = tls?.server ?? createServer({ pauseOnConnect: true });
  server.on(secure ? 'secureConnection' : 'connection', onConnection);
  server.listen({ host: options.host, port: options.port, backlog: 4_096 });
  await once(server, 'listening').catch((cause: unknown) => {
    tls?.stop();
    throw listenError(cause, { name: 'the proxy', host: options.host, port: options.port });
  });

  let drained: Promise<number> | undefined;
  const drain = async (withinMs: number): Promise<number> => {
    plane.draining = true;
    tls?.stop();
    server.close();
    const cut = await drainConnections(connections, withinMs);
    for (const pool of pools.values()) pool.destroy();
    return cut;
  };
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    running: () => plane.running,
    connections: () => connections.size,
    held: () => plane.held.now(),
    upstreams: () => [...pools.values()].map((pool) => pool.state()),
    drain: (withinMs) => (drained ??= drain(withinMs)),
  };
}

/** Ids that are unique over processes and cost one addition: 48 random bits and a counter. */
function createRequestIds(): () => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}
