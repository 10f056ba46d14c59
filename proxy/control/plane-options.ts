import type { Config } from '#proxy/config/schema.ts';
import type { DataPlaneOptions, Limits, UpstreamOptions } from '#proxy/http/seam.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { targetTls } from './target-tls.ts';

type FromConfig = Omit<DataPlaneOptions, 'decide' | 'onExchange'>;

/**
 * What the configuration says, in the data plane's terms.
 * @param options.workers processes that share the load: each gets its part of the limit on connections
 * @throws Error that names a certificate file which cannot be read
 */
export function planeOptions(
  config: Config,
  options: { readonly workers: number; readonly log: Logger },
): FromConfig {
  const { listen, trustedProxies, serverTiming, retryShare } = config;
  const { log } = options;
  return {
    host: listen.host,
    port: listen.port,
    trustedProxies,
    serverTiming,
    retryShare,
    upstreams: Object.fromEntries(
      Object.entries(config.targets).map(([name, target]) => [name, upstreamOptions(name, { target, log })]),
    ),
    limits: limitsOf(config, options.workers),
    hold: {
      holdWithinMs: config.ownership.holdWithin,
      maxHeldBytes: config.ownership.maxHeldBytes,
      maxHeldRequests: config.ownership.maxHeldRequests,
    },
    ...(listen.tls === undefined
      ? {}
      : {
          tls: {
            ...listen.tls,
            onReloadError: (error) =>
              log.error({ err: error }, 'the changed certificate cannot be used; the last good one stays'),
          },
        }),
  };
}

function upstreamOptions(
  name: string,
  { target, log }: { readonly target: Config['targets'][string]; readonly log: Logger },
): UpstreamOptions {
  return {
    url: target.url,
    moreUrls: target.moreUrls,
    connectTimeoutMs: target.connectTimeout,
    headerTimeoutMs: target.headerTimeout,
    bodyTimeoutMs: target.bodyTimeout,
    idleTimeoutMs: target.idleTimeout,
    maxConnections: target.maxConnections,
    maxWaiting: target.maxWaiting,
    breaker: { failures: target.breaker.failures, outMs: target.breaker.outFor },
    onHealth: (change) => {
      if (change.in) log.info({ target: name, address: change.address }, 'the address answers again');
      else
        log.warn({ target: name, address: change.address }, 'the address fails and is left out for a while');
    },
    ...(target.tls === undefined ? {} : { tls: targetTls(target.tls) }),
  };
}

function limitsOf({ limits }: Config, workers: number): Limits {
  return {
    maxHeaderBytes: limits.maxHeaderBytes,
    maxBodyBytes: limits.maxBodyBytes,
    headerTimeoutMs: limits.headerTimeout,
    requestTimeoutMs: limits.requestTimeout,
    idleTimeoutMs: limits.idleTimeout,
    maxHeaderFields: limits.maxHeaderFields,
    maxConnections: Math.ceil(limits.maxConnections / workers),
    sendTimeoutMs: limits.sendTimeout,
    tunnelIdleTimeoutMs: limits.tunnelIdleTimeout,
    ...(limits.maxConnectionsPerClient === undefined
      ? {}
      : { maxConnectionsPerClient: limits.maxConnectionsPerClient }),
  };
}
