import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { templates, testServerVariable } from './templates.ts';

export interface TestServer {
  readonly postgres: EmbeddedPostgres;
  readonly folder: string;
}

declare global {
  var banyanTestServer: TestServer | undefined;
}

/** One PostgreSQL for the whole run, and a template database for each schema; test files copy those. */
export default async function setup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-test-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'pg'), durable: false });
  globalThis.banyanTestServer = { postgres, folder };
  process.env[testServerVariable] = postgres.url('postgres');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const client = new Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  for (const [name, path] of Object.entries(templates)) {
    const schema = fileURLToPath(new URL(`../../${path}`, import.meta.url));
    await client.query(`create database template_${name}`);
    if (existsSync(schema)) await migrate({ url: postgres.url(`template_${name}`), folder: schema });
  }
  await client.end();
}
