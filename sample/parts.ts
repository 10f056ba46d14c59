import { fileURLToPath } from 'node:url';
import { readConfig } from '#proxy/config/read.ts';
import type { SampleDatabases } from './databases.ts';
import type { ProcessPlan } from './processes.ts';

export interface PartsOptions extends SampleDatabases {
  readonly ports: {
    readonly proxy: number;
    readonly admin: number;
    readonly monolith: number;
    readonly service: number;
    /** Of the user-service with planted differences; none: the proxy asks the real one. */
    readonly planted?: number | undefined;
  };
  readonly flagFile: string;
  readonly introspectionKey: string;
}

/** What the sample runs, and what it must know of the migration to move its flags. */
export interface Parts {
  readonly monolith: ProcessPlan;
  readonly service: ProcessPlan;
  readonly planted: ProcessPlan | undefined;
  readonly proxy: ProcessPlan;
  readonly proxyUrl: string;
  readonly adminUrl: string;
  readonly migration: string;
  readonly migrationFlag: string;
  readonly readFlags: readonly string[];
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const config = path('../banyan.yaml');
const migration = 'users';

/** Reads `banyan.yaml` as the proxy will. @throws ConfigError that lists everything that is wrong with it */
export function planParts({ ports, flagFile, introspectionKey, ...databases }: PartsOptions): Parts {
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const adminUrl = url(ports.admin);
  const proxyEnv = {
    BANYAN_PORT: String(ports.proxy),
    BANYAN_ADMIN_PORT: String(ports.admin),
    MONOLITH_URL: url(ports.monolith),
    USER_SERVICE_URL: url(ports.planted ?? ports.service),
    BANYAN_FLAGS: flagFile,
  };
  const rules = readConfig(config, { ...process.env, ...proxyEnv }).migrations[migration];
  if (rules === undefined)
    throw new Error(`${config} has no migration "${migration}", which the sample ramps`);
  const system = (port: number, databaseUrl: string): Record<string, string> => ({
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(port),
    INTROSPECTION_KEY: introspectionKey,
    LOG_LEVEL: 'warn',
  });
  return {
    monolith: {
      name: 'monolith',
      program: path('../monolith/main.ts'),
      env: system(ports.monolith, databases.monolithUrl),
      healthUrl: `${url(ports.monolith)}/healthz`,
    },
    service: {
      name: 'user-service',
      program: path('../user-service/main.ts'),
      env: system(ports.service, databases.serviceUrl),
      healthUrl: `${url(ports.service)}/healthz`,
    },
    planted:
      ports.planted === undefined
        ? undefined
        : {
            name: 'planted-differences',
            program: path('planted/main.ts'),
            env: {
              USER_SERVICE_URL: url(ports.service),
              HOST: '127.0.0.1',
              PORT: String(ports.planted),
            },
            healthUrl: `${url(ports.planted)}/healthz`,
          },
    proxy: {
      name: 'proxy',
      program: path('../proxy/banyan.ts'),
      args: ['run', '--config', config],
      env: proxyEnv,
      healthUrl: `${adminUrl}/readyz`,
    },
    proxyUrl: url(ports.proxy),
    adminUrl,
    migration,
    migrationFlag: rules.migrationFlag,
    readFlags: rules.routes.flatMap(({ readFlag }) => (readFlag === undefined ? [] : [readFlag])),
  };
}
