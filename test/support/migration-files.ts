import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MigrationFiles {
  readonly config: string;
  readonly flags: string;
  remove(): void;
}

export interface MigrationFilesOptions {
  /** URLs of the two targets. */
  readonly old?: string;
  readonly new?: string;
  /** Default 0: any free ones. */
  readonly port?: number;
  readonly adminPort?: number;
  /** YAML that is added at the top level. */
  readonly more?: string;
}

/**
 * A configuration and a flag file of a plain domain (`/items`) in a folder of their own.
 */
export function writeMigrationFiles(options: MigrationFilesOptions = {}): MigrationFiles {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-config-'));
  const config = join(folder, 'banyan.yaml');
  const flags = join(folder, 'flags.json');
  writeFileSync(
    config,
    `version: 1
listen: { port: ${options.port ?? 0} }
admin: { port: ${options.adminPort ?? 0} }
targets:
  old: { url: '${options.old ?? 'http://127.0.0.1:1'}' }
  new: { url: '${options.new ?? 'http://127.0.0.1:2'}' }
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: items-stage
    killSwitch: items-kill
    routes:
      - { name: item-read, match: 'GET /items/:id', key: { path: id }, readFlag: items-reads }
      - { name: item-list, match: GET /items }
      - { name: item-write, match: 'PUT /items/:id', key: { path: id } }
${options.more ?? ''}`,
  );
  writeFileSync(flags, `${JSON.stringify(flagData, undefined, 2)}\n`);
  return { config, flags, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const flagData = {
  flags: {
    'items-stage': {
      on: true,
      variations: ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'],
      offVariation: 0,
      fallthrough: { variation: 0 },
    },
    'items-kill': { on: false, variations: [true, false], offVariation: 1, fallthrough: { variation: 0 } },
    'items-reads': {
      on: true,
      variations: [true, false],
      offVariation: 1,
      salt: 'items',
      fallthrough: {
        rollout: {
          contextKind: 'routing-key',
          variations: [
            { variation: 0, weight: 0 },
            { variation: 1, weight: 100_000 },
          ],
        },
      },
    },
  },
};
