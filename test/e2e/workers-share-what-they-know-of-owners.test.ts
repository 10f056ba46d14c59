import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '#shared/postgres/embedded.ts';
import { startBanyanRun, type BanyanRun } from '#test/support/banyan-run.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';
import { startUpstream, type Upstream } from '#test/support/upstream.ts';

let old: Upstream;
let fresh: Upstream;
let files: MigrationFiles;
let banyan: BanyanRun;

beforeEach(async () => {
  old = await startUpstream('old', ({ method }, response) => {
    if (method === 'PUT') {
      const owner = {
        'banyan-group': 'items',
        'banyan-bucket': '0',
        'banyan-epoch': '7',
        'banyan-owner': 'service',
      };
      response.writeHead(421, owner).end();
    } else response.end('{"from":"old"}');
  });
  fresh = await startUpstream('new');
  const [port, adminPort] = [await freePort(), await freePort()];
  files = writeMigrationFiles({ old: old.url, new: fresh.url, port, adminPort, more: 'workers: 2\n' });
  banyan = startBanyanRun({ config: files.config, port, adminPort });
});
afterEach(async () => {
  await banyan.kill();
  await old.close();
  await fresh.close();
  files.remove();
});

test('one worker’s detour tells the other, and reads there go where the key was written', async () => {
  await banyan.until(({ workers }) => workers.length === 2);
  const written = await fetch(`${banyan.url}/items/1`, {
    method: 'PUT',
    body: 'a',
    headers: { connection: 'close' },
  });
  expect(await written.json()).toEqual({ from: 'new' });
  const { workers } = await banyan.until(({ workers }) =>
    workers.every(({ ownership }) => ownership.keys.writes === 1),
  );
  for (const { ownership, held } of workers) {
    expect(ownership.migrations).toEqual({
      items: {
        groups: { items: { epoch: 7, owned: { monolith: 0, service: 1, moving: 0 } } },
        complete: false,
        copiedThrough: {},
      },
    });
    expect(held).toEqual({ requests: 0, bytes: 0 });
  }
  // Connections are handed to the workers in turn.
  for (let at = 0; at < 4; at += 1) {
    const read = await fetch(`${banyan.url}/items/1`, { headers: { connection: 'close' } });
    expect(await read.json()).toEqual({ from: 'new' });
  }
  const { traffic } = await banyan.until(({ traffic }) => traffic.requests === 5);
  expect(
    traffic.ways.map(({ route, target, requests }) => `${route} ${target} ${requests}`).toSorted(),
  ).toEqual(['item-read new 4', 'item-write new 1']);
});
