import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setShare, setStage } from '#flags/edit-file.ts';
import type { Stage } from '#flags/stages.ts';
import { installMirror } from '#sample/mirror/install.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from '#test/user-service/system.ts';
import { startMonolith, type TestMonolith } from './monolith.ts';
import { startRole, type TestRole } from './proxy-role.ts';

/** Path of a file, from the checkout's root. */
export const rootFile = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

export const sampleReadFlags = [
  'users-read-list',
  'users-read-account',
  'users-read-profile',
  'users-read-preferences',
];

export interface SampleMigration {
  readonly monolith: TestMonolith;
  readonly service: UserServiceUnderTest;
  readonly proxy: TestRole;
  /** Sets the stage and the share of all read flags, and waits until the proxy goes by them. */
  set(wanted: { readonly stage: Stage; readonly percent: number }): Promise<void>;
  stop(): Promise<void>;
}

/** The sample migration in this process: both systems, the mirror between their databases, and the proxy by banyan.yaml. */
export async function startSampleMigration(): Promise<SampleMigration> {
  const [monolith, service] = await Promise.all([startMonolith(), startUserServiceUnderTest()]);
  await installMirror({ monolithUrl: monolith.database.url, serviceUrl: service.database.url });
  const folder = mkdtempSync(join(tmpdir(), 'banyan-sample-'));
  const file = join(folder, 'flags.json');
  copyFileSync(rootFile('sample/flags.json'), file);
  const proxy = await startRole(rootFile('banyan.yaml'), {
    BANYAN_PORT: '0',
    BANYAN_ADMIN_PORT: '0',
    MONOLITH_URL: monolith.url,
    USER_SERVICE_URL: service.url,
    BANYAN_FLAGS: file,
  });
  return {
    monolith,
    service,
    proxy,
    async set({ stage, percent }) {
      for (const flag of sampleReadFlags) await setShare({ file, flag, percent });
      await setStage({ file, flag: 'users-migration', stage });
      await proxy.until(
        ({ migrations, flags }) => migrations['users']?.stage === stage && flags.state === 'current',
      );
    },
    async stop() {
      await proxy.role.stop();
      await Promise.all([monolith.stop(), service.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
