import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stage } from '#flags/stages.ts';
import { setStage } from '#flags/edit-file.ts';
import type { Status } from '#proxy/control/status.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { gatedWorld, type World } from '#test/proxy/cutover/support/world.ts';
import { writePairFiles, type PairFiles } from '#test/proxy/control/cli/cutover/pair-files.ts';
import { startBanyanRun, type BanyanRun } from '#test/support/banyan-run.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';

let world: World;
let files: PairFiles;
let flags: string;
let banyan: BanyanRun;

beforeEach(async () => {
  world = await gatedWorld('second');
  files = writePairFiles(world);
  const [port, adminPort] = [await freePort(), await freePort()];
  const config = JSON.parse(readFileSync(files.config, 'utf8')) as Record<string, unknown>;
  const migrations = config['migrations'] as Record<string, Record<string, unknown>>;
  Object.assign(migrations['archive'] ?? {}, { migrationFlag: 'items-stage' });
  writeFileSync(
    files.config,
    JSON.stringify({ ...config, listen: { port }, admin: { port: adminPort }, workers: 2 }),
  );
  const like = writeMigrationFiles();
  flags = join(dirname(files.config), 'flags.json');
  copyFileSync(like.flags, flags);
  like.remove();
  banyan = startBanyanRun({ config: files.config, port, adminPort });
});
afterEach(async () => {
  await banyan.end('SIGTERM');
  rmSync(flags);
  files.remove();
  await world.drop();
});

const stage = (to: Stage) => setStage({ file: flags, flag: 'items-stage', stage: to });

const allOwnedBy =
  (side: 'monolith' | 'service') =>
  ({ workers }: Status): boolean =>
    workers.length === 2 &&
    workers.every(({ ownership }) => {
      const groups = Object.values(ownership.migrations['archive']?.groups ?? {});
      return (
        groups.length === 2 &&
        groups
          .map(({ owned }) => owned[side])
          .toSorted((a, b) => a - b)
          .join() === '1,256'
      );
    });

test('every worker hears from the mover who owns what, there and back, and how far the copies are', async () => {
  await banyan.until(allOwnedBy('monolith'));
  await stage('live');
  await banyan.until(allOwnedBy('service'));
  const { workers } = await banyan.until(({ workers }) =>
    workers.every(({ ownership }) => ownership.migrations['archive']?.copiedThrough.monolith !== undefined),
  );
  for (const { ownership } of workers) expect(ownership.controlSilentMs).toBeLessThan(3_000);
  await stage('dualwrite');
  await banyan.until(allOwnedBy('monolith'));
}, 90_000);
