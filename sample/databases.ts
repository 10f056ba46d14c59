import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import type { DataFolder } from './data-folder.ts';
import { copyDatabases, type CopyDatabases } from './copy-databases.ts';
import { ensureOwnDatabases } from './own-databases.ts';
import type { Population } from './seed/population.ts';
import { wasCompleted } from './release/was-completed.ts';
import type { Progress } from './seed/progress.ts';
import { seedMonolith } from './seed/seed.ts';

/** As the two systems reach them: each with a login that owns its database and may not enter the other's. */
export interface SampleDatabases {
  readonly monolithUrl: string;
  readonly serviceUrl: string;
  /** As Banyan's copy reaches them. */
  readonly copy: CopyDatabases;
}

export interface PrepareOptions {
  readonly server: EmbeddedPostgres;
  readonly folder: DataFolder;
  readonly scale: number;
  readonly seed: number;
  readonly population: Population;
  readonly onProgress: (progress: Progress) => void;
  /** Called where an earlier run has completed the migration: there is no way back, so all data are made anew. */
  readonly onCompleted: () => void;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const schemas = { monolith: path('../monolith/schema'), user_service: path('../user-service/schema') };
const schemaNames = ['monolith', 'user_service'] as const;
const rules = path('seed');

/** Refuses data of another size before anything is started. @throws an Error that names the remedy */
export function checkSeeded(
  folder: DataFolder,
  wanted: { readonly scale: number; readonly seed: number },
): void {
  const found = folder.seeded();
  if (found === undefined) return;
  const remedy = 'start with --fresh to forget it, or choose another folder with --data';
  for (const name of ['scale', 'seed'] as const) {
    if (found[name] !== wanted[name]) {
      throw new Error(
        `${folder.path} holds data of --${name} ${found[name]}, and --${name} ${wanted[name]} is wanted: ${remedy}`,
      );
    }
  }
  if (found.fingerprint !== fingerprint())
    throw new Error(`${folder.path} holds data of another version of the sample: ${remedy}`);
}

/**
 * Brings both databases to the point where the migration begins: both schemas, and the monolith's rows (unless an earlier
 * run has made them, `checkSeeded` says which). The service's tables are empty: the copy fills them. A seed that was cut
 * off is made anew, and so is what a completed migration has left.
 */
export async function prepareDatabases(options: PrepareOptions): Promise<SampleDatabases> {
  const { server, folder, scale, seed, population, onProgress, onCompleted } = options;
  if (folder.seeded() !== undefined && (await wasCompleted(server, schemaNames))) {
    onCompleted();
    folder.unmarkSeeded();
  }
  const isSeeded = folder.seeded() !== undefined;
  const logins = await ensureOwnDatabases(server, { names: schemaNames, anew: !isSeeded });
  const own = {
    monolithUrl: server.url('monolith', logins.monolith),
    serviceUrl: server.url('user_service', logins.user_service),
  };
  // As their owners, so that the systems can bring their schemas further.
  await Promise.all([
    migrate({ url: own.monolithUrl, folder: schemas.monolith }),
    migrate({ url: own.serviceUrl, folder: schemas.user_service }),
  ]);
  if (!isSeeded) {
    await seedMonolith({
      monolithUrl: server.url('monolith'),
      population,
      seed,
      asOf: new Date(),
      onProgress,
    });
    folder.markSeeded({ scale, seed, fingerprint: fingerprint() });
  }
  return { ...own, copy: copyDatabases(server) };
}

/** Changes with the schemas and the rules of the seed. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const folder of [...Object.values(schemas), rules]) {
    for (const name of readdirSync(folder).toSorted())
      hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
