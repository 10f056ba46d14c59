import type { Config } from '#proxy/config/schema.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openShadowStore } from '#proxy/shadow/report/open-store.ts';
import { serveAdmin } from './admin.ts';
import { startProxyRole, type ProxyRole } from './proxy-role.ts';
import { mergeStatus } from './status.ts';

export interface ProxyProcess {
  /** Where the clients connect. */
  readonly listen: ProxyRole['listen'];
  readonly admin: { readonly host: string; readonly port: number };
  /** The role's own drain, then the admin port. A second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * `banyan proxy`: the data-plane role and its admin port in this process.
 * @throws an Error whose message says what to do when something cannot be opened; nothing is left open then
 */
export async function startProxy(config: Config, log: Logger): Promise<ProxyProcess> {
  let role: ProxyRole | undefined;
  let draining = false;
  const store = await openShadowStore({ url: config.state.url, retention: config.shadow.retention, log });
  const admin = await serveAdmin({
    ...config.admin,
    log,
    shadow: { store, config },
    notReady: () => (draining ? 'draining' : role === undefined ? 'starting' : undefined),
    status: async () => role && mergeStatus([role.status()]),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  try {
    role = await startProxyRole(config, { log, shadowSink: store });
  } catch (error) {
    await admin.close();
    await store.close();
    throw error;
  }
  const serving = role;
  let stopped: Promise<void> | undefined;
  return {
    listen: serving.listen,
    admin: { host: admin.host, port: admin.port },
    stop: () =>
      (stopped ??= (async () => {
        draining = true;
        await serving.stop();
        await admin.close(1_000);
        await store.close();
      })()),
  };
}
