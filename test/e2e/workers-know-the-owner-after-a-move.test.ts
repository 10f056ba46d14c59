import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stage } from '#flags/stages.ts';
import { setStage } from '#flags/edit-file.ts';
import type { Status } from '#proxy/control/status.ts';
import { complete } from '#proxy/cutover/move/completion.ts';
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

test('every worker hears from the mover who owns what, there and back, how far the copies are, and of the end', async () => {
  await banyan.until(allOwnedBy('monolith'));
  await stage('live');
  await banyan.until(allOwnedBy('service'));
  const { workers } = await banyan.until(({ workers }) =>
    workers.every(({ ownership }) => ownership.migrations['archive']?.copiedThrough.monolith !== undefined),
  );
  for (const { ownership } of workers) expect(ownership.controlSilentMs).toBeLessThan(3_000);
  await stage('dualwrite');
  await banyan.until(allOwnedBy('monolith'));

  // And that there is no way back any more: from then on the flag counts for nothing.
  await stage('complete');
  await banyan.until(allOwnedBy('service'));
  const open = await banyan.until(({ cutover }) => cutover?.[0]?.waitsFor !== undefined);
  expect(open.migrations['archive']).toMatchObject({ stage: 'complete', complete: false });
  expect(await complete(world.plan, 'test')).toMatchObject({ completed: ['service', 'monolith'] });
  await banyan.until(({ migrations }) => migrations['archive']?.complete === true);
  await stage('off');
  await banyan.until(({ migrations }) => migrations['archive']?.stage === 'off');
  // Nothing listens there; it is counted where it was to go.
  expect((await fetch(`${banyan.url}/items`)).status).toBe(502);
  const { traffic, cutover } = await banyan.until(
    (now) => now.traffic.ways.length > 0 && now.cutover?.[0]?.stage === 'off',
  );
  expect(traffic.ways).toMatchObject([{ route: 'read', target: 'new', reasons: { complete: 1 } }]);
  expect(cutover).toMatchObject([{ phase: 'complete', complete: true, owner: 'service' }]);
  expect(banyan.output()).toContain('the stage of the flag is ignored');
}, 90_000);
