import { fileURLToPath } from 'node:url';
import { readConfig } from '#proxy/config/read.ts';
import { startProxy as startProxyProcess } from '#proxy/control/proxy-process.ts';
import type { Status } from '#proxy/control/status.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { request, type Dispatcher } from 'undici';

export interface RunningProxy {
  readonly url: string;
  readonly adminUrl: string;
  /** What the admin port shows. */
  status(): Promise<Status>;
  stop(): Promise<void>;
}

export interface ProxyPlan {
  readonly cardfileUrl: string;
  readonly vaultUrl: string;
  readonly flagFile: string;
  readonly dispatcher: Dispatcher;
}

export const forceSecret = 'the secret of the second pair';

const configFile = fileURLToPath(new URL('../banyan.yaml', import.meta.url));

/** The proxy role moves no data. */
const unusedDatabases = {
  CARDFILE_COPY_URL: 'postgres://copy:unused@127.0.0.1:1/cardfile',
  CARDFILE_INSTALL_URL: 'postgres://owner:unused@127.0.0.1:1/cardfile',
  VAULT_COPY_URL: 'postgres://copy:unused@127.0.0.1:1/vault',
  VAULT_INSTALL_URL: 'postgres://owner:unused@127.0.0.1:1/vault',
};

/** The proxy role in this process, by the pair's own YAML. */
export async function startProxy({
  cardfileUrl,
  vaultUrl,
  flagFile,
  dispatcher,
}: ProxyPlan): Promise<RunningProxy> {
  const config = readConfig(configFile, {
    ARCHIVE_PORT: '0',
    ARCHIVE_ADMIN_PORT: '0',
    CARDFILE_URL: cardfileUrl,
    VAULT_URL: vaultUrl,
    ARCHIVE_FLAGS: flagFile,
    ARCHIVE_FORCE_SECRET: forceSecret,
    ...unusedDatabases,
  });
  const role = await startProxyProcess(config, createLog({ name: 'proxy', level: 'silent' }));
  const adminUrl = `http://${role.admin.host}:${role.admin.port}`;
  return {
    url: `http://${role.listen.host}:${role.listen.port}`,
    adminUrl,
    async status() {
      const answer = await request(`${adminUrl}/status`, { dispatcher });
      return (await answer.body.json()) as Status;
    },
    stop: () => role.stop(),
  };
}
