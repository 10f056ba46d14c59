import { setTimeout as delay } from 'node:timers/promises';
import type { Flags } from '#flags/client.ts';
import type { Config } from '#proxy/config/schema.ts';
import { createDataPlane } from '#proxy/http/plane.ts';
import type { DataPlane } from '#proxy/http/seam.ts';
import { decider } from '#proxy/route/decide.ts';
import { routeTable, type RouteTable } from '#proxy/route/table.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { serveAdmin } from './admin.ts';
import { openConfiguredFlags } from './configured-flags.ts';
import { exchangeLog } from './exchange-log.ts';
import { statusOf } from './status.ts';
import { traffic } from './traffic.ts';

export interface ProxyRole {
  /** Where the clients connect. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number };
  /**
   * Ends in order: not ready, then (after `drain.notReadyFor`) no new connection, running exchanges finish within
   * `drain.within`, then the flags and the admin port. A second call waits for the first.
   */
  stop(): Promise<void>;
}

/**
 * The data-plane role: flags, routes, listener, admin port.
 * @throws an Error whose message says what to do when flags or a listener cannot be opened; nothing is left open then
 */
export async function startProxyRole(config: Config, log: Logger): Promise<ProxyRole> {
  const table = routeTable(config);
  const flags = await openConfiguredFlags(config, { table, log });
  try {
    return await startOn(config, { table, flags, log });
  } catch (error) {
    await flags.close();
    throw error;
  }
}

interface Parts {
  readonly table: RouteTable;
  readonly flags: Flags;
  readonly log: Logger;
}

async function startOn(config: Config, { table, flags, log }: Parts): Promise<ProxyRole> {
  const counts = traffic();
  const logExchange = exchangeLog(config.log.requests, log);
  const state: { plane?: DataPlane; draining: boolean; stopped?: Promise<void> } = { draining: false };
  const startedAt = new Date();
  const admin = await serveAdmin({
    ...config.admin,
    token: config.admin.token,
    notReady: () => (state.draining ? 'draining' : state.plane === undefined ? 'starting' : undefined),
    status: () =>
      statusOf({ config, table, flags, counts, plane: state.plane, draining: state.draining, startedAt }),
  });
  try {
    state.plane = await createDataPlane({
      ...config.listen,
      upstreams: upstreamsOf(config),
      trustedProxies: config.trustedProxies,
      limits: limitsOf(config),
      decide: decider({
        table,
        flags,
        defaultTarget: config.defaultTarget,
        forceSecret: config.force?.secret,
      }),
      onExchange: (report) => {
        counts.record(report);
        logExchange(report);
      },
    });
  } catch (error) {
    await admin.close();
    throw error;
  }
  const { plane } = state;
  log.info({ host: plane.host, port: plane.port, adminPort: admin.port }, 'proxy is ready');

  async function stop(): Promise<void> {
    state.draining = true;
    log.info({ running: plane.running() }, 'draining');
    await delay(config.drain.notReadyFor);
    const cut = await plane.drain(config.drain.within);
    if (cut > 0) log.warn({ cut }, 'requests were still running at the end of the drain and were cut');
    await flags.close();
    await admin.close(1_000);
    log.info('proxy has stopped');
  }

  return {
    listen: { host: plane.host, port: plane.port },
    admin: { host: admin.host, port: admin.port },
    stop: () => (state.stopped ??= stop()),
  };
}

function upstreamsOf({ targets }: Config): Parameters<typeof createDataPlane>[0]['upstreams'] {
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [
      name,
      {
        url: target.url,
        connectTimeoutMs: target.connectTimeout,
        headerTimeoutMs: target.headerTimeout,
        bodyTimeoutMs: target.bodyTimeout,
        maxConnections: target.maxConnections,
        maxWaiting: target.maxWaiting,
      },
    ]),
  );
}

function limitsOf({ limits }: Config): Parameters<typeof createDataPlane>[0]['limits'] {
  return {
    maxHeaderBytes: limits.maxHeaderBytes,
    maxBodyBytes: limits.maxBodyBytes,
    headerTimeoutMs: limits.headerTimeout,
    requestTimeoutMs: limits.requestTimeout,
    idleTimeoutMs: limits.idleTimeout,
    maxConnections: limits.maxConnections,
  };
}
