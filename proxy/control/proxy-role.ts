import { setTimeout as delay } from 'node:timers/promises';
import type { Flags } from '#flags/client.ts';
import type { Config } from '#proxy/config/schema.ts';
import { createDataPlane } from '#proxy/http/plane.ts';
import { decider } from '#proxy/route/decide.ts';
import { createOwnership } from '#proxy/route/ownership.ts';
import type { AcknowledgeAnswer, AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';
import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import { stayingTable } from '#proxy/route/staying.ts';
import { routeTable, type RouteTable } from '#proxy/route/table.ts';
import type { SeenWrite } from '#proxy/shadow/copy/recent-writes.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openConfiguredFlags } from './configured-flags.ts';
import { configuredAcknowledging } from './configured-acknowledging.ts';
import { exchangeLog } from './exchange-log.ts';
import { ignoredLog } from './ignored-log.ts';
import { planeOptions } from './plane-options.ts';
import { shadowTap, startConfiguredShadow, type ShadowSink } from './shadow-role.ts';
import { processStatus, type ProcessStatus } from './status.ts';
import { traffic } from './traffic.ts';

export interface ProxyRole {
  /** Where the clients connect. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly status: () => ProcessStatus;
  /** Writes that the other workers saw, for telling races apart. */
  learnWrites(writes: readonly SeenWrite[]): void;
  /** What control, or another worker, knows of owners and copies. */
  learnOwnership(news: OwnershipNews): void;
  /** Whether both sides have what was written; the answer to a question of this process. */
  acknowledged(answer: AcknowledgeAnswer): void;
  /**
   * Ends in order: not ready, and nothing more is compared; then (after `drain.notReadyFor`) no new connection, running
   * exchanges finish within `drain.within`; then the flags. A second call waits for the first.
   */
  stop(): Promise<void>;
}

export interface ProxyRoleOptions {
  readonly log: Logger;
  /** Processes that serve together on this machine. Default 1. */
  readonly workers?: number;
  /** Signs versions where the configuration has no secret. */
  readonly versionSecret?: string | undefined;
  /** Takes what comparing found. Without it nobody hears of it. */
  readonly shadowSink?: ShadowSink | undefined;
  /** Takes the writes that other workers should know of. */
  readonly onWrites?: ((writes: readonly SeenWrite[]) => void) | undefined;
  /** Takes what this process found out about owners, for the other workers. */
  readonly onOwnership?: ((news: OwnershipNews) => void) | undefined;
  /** Asks the mover whether both sides have what was written; false where there is none. Without it nobody does. */
  readonly onAcknowledge?: ((question: AcknowledgeQuestion) => boolean) | undefined;
}

/**
 * The data-plane role of one process: flags, routes, listener.
 * @throws an Error whose message says what to do when flags, a certificate or a listener cannot be opened; nothing is
 * left open then
 */
export async function startProxyRole(config: Config, options: ProxyRoleOptions): Promise<ProxyRole> {
  const { log, workers = 1, versionSecret, shadowSink, onWrites, onOwnership, onAcknowledge } = options;
  const table = routeTable(config);
  const flags = await openConfiguredFlags(config, { table, log });
  try {
    const told = { versionSecret, shadowSink, onWrites, onOwnership, onAcknowledge };
    return await serve(config, { table, flags, log, workers, ...told });
  } catch (error) {
    await flags.close();
    throw error;
  }
}

interface Parts extends Required<ProxyRoleOptions> {
  readonly table: RouteTable;
  readonly flags: Flags;
}

async function serve(config: Config, parts: Parts): Promise<ProxyRole> {
  const { table, flags, log, workers, shadowSink, onWrites } = parts;
  const { lag, maxKeys, versionSecret = parts.versionSecret } = config.ownership;
  const ownership = createOwnership({
    table,
    migrations: Object.keys(config.migrations),
    lagMs: lag,
    maxKeys,
    versionSecret,
    onNews: parts.onOwnership,
  });
  const acknowledging = configuredAcknowledging(config, { ask: parts.onAcknowledge, log });
  const counts = traffic();
  const logExchange = exchangeLog(config.log.requests, log);
  const startedAt = new Date();
  const fromConfig = planeOptions(config, { workers, log });
  const { upstreams } = fromConfig;
  const shadow = startConfiguredShadow(config, { upstreams, workers, log, sink: shadowSink, onWrites });
  const plane = await createDataPlane({
    ...fromConfig,
    decide: decider({
      table,
      flags,
      defaultTarget: config.defaultTarget,
      unmatchedWebsocket: config.routing.websocket,
      forceSecret: config.force?.secret,
      tap: shadowTap(shadow),
      ownership,
      onIgnored: ignoredLog(log),
      acknowledging,
      staying: stayingTable(config),
    }),
    onExchange: (report) => {
      counts.record(report);
      logExchange(report);
    },
  }).catch(async (error: unknown) => {
    await shadow?.stop();
    throw error;
  });
  let draining = false;
  let stopped: Promise<void> | undefined;
  log.info({ host: plane.host, port: plane.port }, 'proxy is ready');

  async function stop(): Promise<void> {
    draining = true;
    log.info({ running: plane.running() }, 'draining');
    // Nobody waits for a copy: they are dropped now, so that whoever does wait has it all.
    const compared = shadow?.stop();
    await delay(config.drain.notReadyFor);
    // Before running requests are cut.
    acknowledging.endWithin(config.drain.within / 2);
    const cut = await plane.drain(config.drain.within);
    if (cut > 0) log.warn({ cut }, 'requests were still running at the end of the drain and were cut');
    await compared;
    await flags.close();
    log.info('proxy has stopped');
  }

  return {
    listen: { host: plane.host, port: plane.port },
    status: () =>
      processStatus({
        config,
        table,
        flags,
        counts,
        plane,
        shadow,
        ownership,
        acknowledging,
        draining,
        startedAt,
      }),
    learnOwnership: (news) => ownership.learn(news),
    acknowledged: (answer) => acknowledging.answered(answer),
    learnWrites: (writes) => shadow?.learnWrites(writes),
    stop: () => (stopped ??= stop()),
  };
}
