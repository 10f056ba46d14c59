import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { freePort, startEmbeddedPostgres, type EmbeddedPostgres } from '#shared/postgres/embedded.ts';

export interface ServerPair {
  url(side: Side, database: string): string;
  query<Row>(side: Side, database: string, text: string): Promise<Row[]>;
  /** As a power cut of the process: no checkpoint, no goodbye. It recovers at its next start, which this waits for. */
  crash(side: Side): Promise<void>;
  /** Ends every session whose application's name begins so. */
  cut(side: Side, applications: string): Promise<void>;
  stop(): Promise<void>;
}

/** Commits survive a crash of the server (not of the machine: nothing is flushed), which is what is tried. */
const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '80', shared_buffers: '32MB' };

/** Two servers, so that one side can go away without the other. */
export async function startServerPair(more: Readonly<Record<string, string>> = {}): Promise<ServerPair> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-history-'));
  chmodSync(folder, 0o755);
  const ports = { monolith: await freePort(), service: await freePort() };
  const start = (side: Side): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({
      dataFolder: join(folder, side),
      port: ports[side],
      settings: { ...settings, ...more },
    });
  const [monolith, service] = await Promise.all([start('monolith'), start('service')]);
  const servers = { monolith, service };

  async function again(side: Side): Promise<EmbeddedPostgres> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await start(side);
      } catch (cause) {
        // What is left of the old one holds its memory and its port for a moment.
        if (tries === 20) throw cause;
        await delay(250);
      }
    }
  }

  const pair: ServerPair = {
    url: (side, database) => servers[side].url(database),
    async query<Row>(side: Side, database: string, text: string) {
      const client = new Client({ connectionString: servers[side].url(database), application_name: 'test' });
      await client.connect();
      try {
        return (await client.query(text)).rows as Row[];
      } finally {
        await client.end();
      }
    },
    async crash(side) {
      const server = servers[side];
      const [pid] = readFileSync(join(server.dataFolder, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGQUIT');
      await server.ended;
      servers[side] = await again(side);
    },
    async cut(side, applications) {
      await pair.query(
        side,
        'postgres',
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '${applications}%'`,
      );
    },
    async stop() {
      await Promise.all([servers.monolith.stop(), servers.service.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return pair;
}
