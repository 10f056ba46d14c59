import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { EmbeddedPostgres } from '#shared/postgres/embedded.ts';
import type { Closers } from './closers.ts';
import { dataPlaces, openDataFolder, type DataFolder } from './data-folder.ts';
import { previousServerEnds, startDatabaseServer } from './database-server.ts';
import { checkSeeded, prepareDatabases } from './databases.ts';
import { checkDiskRoom } from './disk-room.ts';
import { writeEnvFile } from './env-file.ts';
import type { SampleEvent } from './events.ts';
import { installCopy } from './install-copy.ts';
import type { Places } from './live-model.ts';
import { initialFlags, loopbackUrl, readMigration, type Migration } from './migration.ts';
import type { SampleOptions } from './options.ts';
import { ownConfig } from './own-config.ts';
import { planParts, type Parts } from './parts.ts';
import { choosePorts, usablePort } from './ports.ts';
import { startProcess, type ProcessPlan, type RunningProcess } from './processes.ts';
import { populationAt, type Population } from './seed/population.ts';
import { createReplaceable, type Replaceable } from './replaceable.ts';
import { writing } from './writing.ts';

export interface BringUpOptions {
  readonly options: SampleOptions;
  readonly closers: Closers;
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

/** Everything that runs but the traffic. */
export interface Sample {
  readonly migration: Migration;
  readonly places: Places;
  readonly population: Population;
  readonly introspectionKey: string;
  readonly parts: Parts;
  /** What `banyan` needs beside the configuration. */
  readonly banyanEnv: Readonly<Record<string, string>>;
  /** Of the monolith's database, with a login that owns its tables. */
  readonly monolithDatabase: string;
  readonly monolith: Replaceable;
  readonly proxy: RunningProcess;
  /** All that run now. */
  processes(): readonly RunningProcess[];
  readonly server: EmbeddedPostgres;
}

export const processStopMs = 15_000;
// Longer than the proxy's own drain (30 s) with the grace of `banyan run`.
const proxyStopMs = 40_000;

/**
 * Starts PostgreSQL, fills the databases, starts the two systems and the proxy, and waits for each. What is started is
 * handed to `closers` at once, so that a start that fails half-way is undone as well.
 * @throws an Error that says what to do
 */
export async function bringUp(options: BringUpOptions): Promise<Sample> {
  const { closers, tell, signal } = options;
  const { scale, seed, port, adminPort, fresh, data, plantedDifferences } = options.options;
  const [proxyPort, admin] = [await usablePort(port, '--port'), await usablePort(adminPort, '--admin-port')];
  if (proxyPort === admin) throw new Error(`--port and --admin-port are both ${admin}: choose two`);

  const [databasePort = 0, monolith = 0, service = 0, shim = 0] = await choosePorts(4);
  const planted = plantedDifferences ? shim : undefined;
  const ports = { proxy: proxyPort, admin, monolith, service, planted };
  const at = dataPlaces(data);
  // First, so that what is wrong with it is told before anything is made or started.
  const migration = readMigration({ ports, flagFile: at.flagFile, env: process.env });

  const folder = await openDataFolder(at);
  closers.add('', () => folder.release());
  await previousServerEnds(folder.postgres);
  if (fresh) folder.forget();
  checkSeeded(folder, { scale, seed });
  if (folder.seeded() === undefined) checkDiskRoom(folder.path, scale);
  const population = populationAt(scale);
  writing(folder.flagFile, () => copyFileSync(initialFlags, folder.flagFile));
  writing(folder.configFile, () => {
    const text = readFileSync(migration.config, 'utf8');
    const { config } = migration;
    writeFileSync(folder.configFile, ownConfig(text, { file: config, migrations: migration.migrations }));
  });

  const server = await startServer(options, { folder, port: databasePort });
  const databases = await prepareDatabases({
    server,
    folder,
    scale,
    seed,
    population,
    onProgress: (progress) => {
      signal.throwIfAborted();
      tell({ event: 'seeding', ...progress });
    },
    onCompleted: () => tell({ event: 'begun-anew' }),
  });
  signal.throwIfAborted();

  tell({ event: 'starting', what: 'gate and capture in both databases' });
  await installCopy(migration, databases.copy);
  signal.throwIfAborted();

  const introspectionKey = randomBytes(32).toString('hex');
  const banyanEnv = { BANYAN_CONFIG: folder.configFile, ...migration.proxyEnv, ...databases.copy };
  const parts = planParts({ databases, ports, introspectionKey, banyanEnv });
  closers.add('', writeEnvFile(folder.envFile, banyanEnv));
  const places = {
    proxyUrl: loopbackUrl(ports.proxy),
    adminUrl: loopbackUrl(ports.admin),
    dataFolder: folder.path,
    logs: folder.logs,
    flagFile: folder.flagFile,
    configFile: folder.configFile,
    envFile: folder.envFile,
  };
  const running = await startAll(options, { parts, logs: folder.logs });
  tell({ event: 'ready', places });
  const monolithDatabase = databases.monolithUrl;
  const about = { migration, places, population, introspectionKey, parts, banyanEnv, monolithDatabase };
  return { ...about, ...running, server };
}

async function startServer(
  { tell, closers, signal }: BringUpOptions,
  { folder, port }: { readonly folder: DataFolder; readonly port: number },
): Promise<EmbeddedPostgres> {
  tell({ event: 'starting', what: `PostgreSQL on ${folder.postgres}` });
  const server = await startDatabaseServer({ dataFolder: folder.postgres, port });
  closers.add('PostgreSQL', () => server.stop());
  signal.throwIfAborted();
  return server;
}

async function startAll(
  { tell, closers, signal }: BringUpOptions,
  { parts, logs }: { readonly parts: Parts; readonly logs: string },
): Promise<Pick<Sample, 'monolith' | 'proxy' | 'processes'>> {
  const started = async (plan: ProcessPlan): Promise<RunningProcess> => {
    tell({ event: 'starting', what: plan.name });
    return startProcess(plan, { logs, tell, signal });
  };
  const start = async (plan: ProcessPlan, stopMs: number): Promise<RunningProcess> => {
    const process = await started(plan);
    closers.add(plan.name, () => process.stop(stopMs));
    return process;
  };
  const monolith = createReplaceable(started);
  closers.add(parts.monolith.name, () => monolith.stop(processStopMs));
  // Both systems at once; the proxy after them, so that it ends before them.
  const [, service] = await settled([
    monolith.startNext(parts.monolith),
    start(parts.service, processStopMs),
  ] as const);
  const planted = parts.planted === undefined ? [] : [await start(parts.planted, processStopMs)];
  const proxy = await start(parts.proxy, proxyStopMs);
  return {
    monolith,
    proxy,
    processes: () => [...monolith.running(), service, ...planted, proxy],
  };
}

/** As Promise.all, but a failure waits for the others, so that nothing is still being started when it is told. */
async function settled<T extends readonly Promise<unknown>[]>(
  starts: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}
