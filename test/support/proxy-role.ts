import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '#proxy/config/read.ts';
import { startProxyRole, type ProxyRole } from '#proxy/control/proxy-role.ts';
import type { Status } from '#proxy/control/status.ts';
import { createLog } from '#shared/telemetry/log.ts';

export interface TestRole {
  readonly role: ProxyRole;
  readonly url: string;
  readonly admin: string;
  status(): Promise<Status>;
  /** Waits until `/status` is as wanted; fails after ten seconds with the last one seen. */
  until(wanted: (status: Status) => boolean): Promise<Status>;
}

/** The proxy role in this process, on free ports where its configuration says 0. */
export async function startRole(
  configFile: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestRole> {
  const role = await startProxyRole(
    readConfig(configFile, environment),
    createLog({ name: 'test', level: 'silent' }),
  );
  const admin = `http://127.0.0.1:${role.admin.port}`;
  const status = async (): Promise<Status> => (await (await fetch(`${admin}/status`)).json()) as Status;
  return {
    role,
    url: `http://127.0.0.1:${role.listen.port}`,
    admin,
    status,
    async until(wanted) {
      for (const deadline = Date.now() + 10_000; ; await delay(20)) {
        const seen = await status();
        if (wanted(seen)) return seen;
        if (Date.now() > deadline)
          throw new Error(`the status never became as wanted: ${JSON.stringify(seen)}`);
      }
    },
  };
}
