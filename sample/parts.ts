import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { SampleDatabases } from './databases.ts';
import { loopbackUrl, type Migration, type Ports } from './migration.ts';
import type { ProcessPlan } from './processes.ts';
import { seededPasswordCost } from './seed/population.ts';

export interface PartsOptions {
  readonly databases: SampleDatabases;
  readonly ports: Ports;
  readonly migration: Migration;
  readonly introspectionKey: string;
}

/** The programs that the sample runs. */
export interface Parts {
  readonly monolith: ProcessPlan;
  readonly service: ProcessPlan;
  readonly planted: ProcessPlan | undefined;
  readonly proxy: ProcessPlan;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export function planParts({ ports, databases, migration, introspectionKey }: PartsOptions): Parts {
  const system = (port: number, databaseUrl: string): Record<string, string> => ({
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    // As the seeded accounts have it: else the time of a log-in would tell them from addresses that nobody has.
    PASSWORD_COST: seededPasswordCost,
    PORT: String(port),
    INTROSPECTION_KEY: introspectionKey,
    LOG_LEVEL: 'warn',
  });
  return {
    monolith: {
      name: 'monolith',
      program: path('../monolith/main.ts'),
      env: system(ports.monolith, databases.monolithUrl),
      healthUrl: `${loopbackUrl(ports.monolith)}/healthz`,
    },
    service: {
      name: 'user-service',
      program: path('../user-service/main.ts'),
      env: system(ports.service, databases.serviceUrl),
      healthUrl: `${loopbackUrl(ports.service)}/healthz`,
    },
    planted:
      ports.planted === undefined
        ? undefined
        : {
            name: 'planted-differences',
            program: path('planted/main.ts'),
            env: {
              USER_SERVICE_URL: loopbackUrl(ports.service),
              HOST: '127.0.0.1',
              PORT: String(ports.planted),
            },
            healthUrl: `${loopbackUrl(ports.planted)}/healthz`,
          },
    proxy: {
      name: 'proxy',
      program: path('../proxy/banyan.ts'),
      args: ['run', '--config', migration.config],
      env: {
        ...migration.proxyEnv,
        ...databases.copy,
        BANYAN_VERSION_SECRET: randomBytes(32).toString('base64url'),
      },
      healthUrl: `${loopbackUrl(ports.admin)}/readyz`,
    },
  };
}
