import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestPair } from '../../../cutover/preflight/harness.ts';

export interface PairFiles {
  readonly config: string;
  remove(): void;
}

/** A `banyan.yaml` over a pair of test databases, with the documents and the devices as one migration. */
export function writePairFiles({ plan }: Pick<TestPair, 'plan'>): PairFiles {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-cutover-'));
  const config = join(folder, 'banyan.yaml');
  const table = (
    side: 'monolith' | 'service',
    dataset: (typeof plan.groups)[number]['datasets'][number],
  ) => ({
    table: dataset.tables[side].table,
    key: dataset.tables[side].key,
    partitionKey: dataset.tables[side].partitionKey,
  });
  const data = {
    ...plan.databases,
    groups: Object.fromEntries(
      plan.groups.map(({ name, buckets, datasets }) => [
        name,
        {
          buckets,
          datasets: Object.fromEntries(
            datasets.map((dataset) => [
              dataset.name,
              {
                monolith: table('monolith', dataset),
                service: table('service', dataset),
                columns: dataset.columns,
              },
            ]),
          ),
        },
      ]),
    ),
  };
  writeFileSync(
    config,
    // JSON is YAML.
    JSON.stringify({
      version: 1,
      admin: { port: 0 },
      targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } },
      defaultTarget: 'old',
      flags: { source: 'file', path: 'flags.json' },
      migrations: {
        archive: {
          monolith: 'old',
          service: 'new',
          migrationFlag: 'archive-stage',
          routes: [{ name: 'read', match: 'GET /items' }],
          data,
        },
      },
    }),
  );
  return { config, remove: () => rmSync(folder, { recursive: true }) };
}
