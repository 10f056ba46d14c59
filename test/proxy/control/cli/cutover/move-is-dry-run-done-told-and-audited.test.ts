import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '#proxy/control/cli/program.ts';
import { itemsWorld, type ItemsWorld } from '../../../cutover/move/support/items.ts';

let world: ItemsWorld;
let folder: string;
let file: string;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256, rows: 20 });
  folder = mkdtempSync(join(tmpdir(), 'banyan-move-'));
  file = join(folder, 'banyan.yaml');
  const { monolith, service } = world.plan.databases;
  const side = `{ table: items, key: [id], partitionKey: [id] }`;
  writeFileSync(join(folder, 'flags.json'), '{ "flags": {} }');
  writeFileSync(
    file,
    `version: 1
listen: { port: 0 }
admin: { port: 0 }
flags: { source: file, path: flags.json }
targets:
  old: { url: http://127.0.0.1:1 }
  new: { url: http://127.0.0.1:2 }
defaultTarget: old
migrations:
  things:
    migrationFlag: things-migration
    killSwitch: things-kill-switch
    monolith: old
    service: new
    routes:
      - { name: read, match: 'GET /things/:id', key: { path: id } }
    data:
      monolith: { url: '${monolith.url}' }
      service: { url: '${service.url}' }
      groups:
        things:
          buckets: 256
          datasets:
            items:
              monolith: ${side}
              service: ${side}
              columns: [{ monolith: id, service: id }, { monolith: value, service: value }]
`,
  );
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.drop();
});

async function banyan(...args: readonly string[]) {
  const said = { out: '', error: '' };
  const code = await runCommand(['cutover', ...args, '--config', file], {
    out: (text) => void (said.out += text),
    error: (text) => void (said.error += text),
  });
  return { code, ...said };
}

test('a dry run prints each step and changes nothing', async () => {
  const { out, error, code } = await banyan(
    'move',
    '--to',
    'service',
    '--share',
    '2%',
    '--dry-run',
    '--unverified',
  );
  expect({ code, error }).toEqual({ code: 0, error: '' });
  for (const step of ['check', 'ids', 'fence', 'drain', 'commit']) expect(out).toContain(`. ${step} `);
  expect(out).toContain('5 buckets to the service');
  expect(await world.state('monolith', 0)).toBe('owner 1');
});

test('without a comparison of both sides it is refused, and says what to do', async () => {
  const { error, code } = await banyan('move', '--to', 'service', '--buckets', '0-1');
  expect(code).toBe(1);
  expect(error).toContain('not-verified: the two sides were not compared');
});

test('verified, it moves; status and audit tell; and back', async () => {
  expect(await banyan('verify')).toMatchObject({ code: 0 });
  const moved = await banyan('move', '--to', 'service', '--buckets', '0-1');
  expect(moved.out).toContain(`2 of 2 buckets are the service's`);
  expect(await world.state('service', 1)).toBe('owner 2');
  const status = await banyan('status');
  expect(status.out).toContain('things 0-1: owned by the service');
  expect(status.out).toContain('things 2-255: owned by the monolith');
  const audit = await banyan('audit', '--last', '4');
  expect(audit.out).toMatch(/service\s+things\s+[01]\s+commit\s+owner\s+2\s+command of /);
  expect((await banyan('complete')).error).toContain("can't be completed");
  expect(await banyan('move', '--to', 'monolith')).toMatchObject({ code: 0 });
  expect(await world.state('monolith', 1)).toBe('owner 3');
});

test('forcing a side open says what it costs first, and asks', async () => {
  const { error, code } = await banyan('force-open', '--side', 'service');
  expect(code).toBe(2);
  expect(error).toContain('What it costs');
  expect(error).toContain('write --yes where you mean it');
});
