import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setShare, setStage } from '#flags/edit-file.ts';
import { installMirror } from '#sample/mirror/install.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { startUserServiceUnderTest } from '#test/user-service/system.ts';
import { startBanyanRun, type BanyanRun } from './banyan-run.ts';
import { startMonolith } from './monolith.ts';
import { rootFile, sampleReadFlags } from './sample-migration.ts';

/** Something at an address of its own, that asks the service at the address given. */
export type InFront = (serviceUrl: string) => Promise<{ readonly url: string; close(): Promise<void> }>;

export interface SampleRun {
  readonly banyan: BanyanRun;
  readonly url: string;
  readonly adminUrl: string;
  /** Of the copy of banyan.yaml that it runs by. */
  readonly config: string;
  stop(): Promise<void>;
}

export interface SampleRunOptions {
  /** Stands between the proxy and the user-service. */
  readonly inFront?: InFront;
  /** Where findings are kept. Default: in memory. */
  readonly stateUrl?: string;
}

/**
 * The sample migration at the stage `shadow`, all reads by the monolith: both systems and their mirror in this process,
 * `banyan run` with two workers as processes of their own.
 */
export async function startSampleRun({ inFront, stateUrl }: SampleRunOptions = {}): Promise<SampleRun> {
  const [monolith, service] = await Promise.all([startMonolith(), startUserServiceUnderTest()]);
  await installMirror({ monolithUrl: monolith.database.url, serviceUrl: service.database.url });
  const shim = await inFront?.(service.url);
  const folder = mkdtempSync(join(tmpdir(), 'banyan-sample-run-'));
  const [flags, config] = [join(folder, 'flags.json'), join(folder, 'banyan.yaml')];
  copyFileSync(rootFile('sample/flags.json'), flags);
  for (const flag of sampleReadFlags) await setShare({ file: flags, flag, percent: 0 });
  await setStage({ file: flags, flag: 'users-migration', stage: 'shadow' });
  const state = stateUrl === undefined ? '' : `state: { url: '${stateUrl}' }\n`;
  writeFileSync(config, `${readFileSync(rootFile('banyan.yaml'), 'utf8')}\nworkers: 2\n${state}`);
  const [port, adminPort] = [await freePort(), await freePort()];
  const banyan = startBanyanRun({
    config,
    port,
    adminPort,
    environment: {
      BANYAN_PORT: String(port),
      BANYAN_ADMIN_PORT: String(adminPort),
      MONOLITH_URL: monolith.url,
      USER_SERVICE_URL: shim?.url ?? service.url,
      BANYAN_FLAGS: flags,
    },
  });
  await banyan.until(
    ({ workers, migrations }) => workers.length === 2 && migrations['users']?.stage === 'shadow',
  );
  return {
    banyan,
    url: banyan.url,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    config,
    async stop() {
      await banyan.end('SIGTERM');
      await shim?.close();
      await Promise.all([monolith.stop(), service.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
