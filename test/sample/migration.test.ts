import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMigration, type Migration } from '#sample/migration.ts';

const own = new URL('../../banyan.yaml', import.meta.url);
const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** As the sample reads it, but from a changed copy of its configuration. */
function read(change: (text: string) => string = (text) => text): Migration {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-migration-'));
  made.push(folder);
  const config = join(folder, 'banyan.yaml');
  writeFileSync(config, change(readFileSync(own, 'utf8')));
  return readMigration({
    ports: { proxy: 1, admin: 2, monolith: 3, service: 4, planted: undefined },
    flagFile: join(folder, 'flags.json'),
    env: { BANYAN_CONFIG: config },
  });
}

test('the flags to move and the reads that they move are those of the configuration', () => {
  const { migrationFlag, killSwitch, readFlags, readRoutes } = read();
  expect({ migrationFlag, killSwitch }).toEqual({
    migrationFlag: 'users-migration',
    killSwitch: 'users-kill-switch',
  });
  expect(readFlags).toContain('users-read-account');
  expect(readRoutes).toContain('user-read');
  // A read without a read flag: the ramp does not move it.
  expect(readRoutes).not.toContain('introspect');
});

// Regression: each of these was told by the proxy, after the databases had been seeded and two systems started.
test.each<[string, (text: string) => string, RegExp]>([
  ['broken YAML', (text) => text.replace('targets:', 'targets: ['), /is not valid YAML/],
  [
    'several mistakes',
    (text) =>
      text.replace('version: 1', 'version: 2').replace('defaultTarget: monolith', 'defaultTarget: no'),
    /2 problems[\s\S]*must be 1[\s\S]*is no target/,
  ],
  [
    'another migration',
    (text) => text.replaceAll('[users]', '[clients]').replace('  users:\n', '  clients:\n'),
    /has no migration "users"/,
  ],
  [
    'a flag file of its own',
    (text) => text.replace("'${BANYAN_FLAGS:-sample/flags.json}'", 'mine.json'),
    /does not take the flags from BANYAN_FLAGS[\s\S]*write flags: \{ source: file/,
  ],
  [
    'a flag that the sample has not',
    (text) => text.replaceAll('users-read-list', 'users-read-lists'),
    /users-read-lists: is missing: the configuration names it as a read flag/,
  ],
])('%s in the configuration is told before anything is made', (_name, change, message) => {
  expect(() => read(change)).toThrow(message);
});
