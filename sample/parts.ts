import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { SampleDatabases } from './databases.ts';
import { loopbackUrl, type Ports } from './migration.ts';
import type { ProcessPlan } from './processes.ts';
import { seededPasswordCost } from './seed/population.ts';

export interface PartsOptions {
  readonly databases: SampleDatabases;
  readonly ports: Ports;
  readonly introspectionKey: string;
  /** What `banyan` needs: where its configuration lies, and what that asks for. */
  readonly banyanEnv: Readonly<Record<string, string>>;
}

/** The programs that the sample runs. */
export interface Parts {
  readonly monolith: ProcessPlan;
  /** The monolith's release that does without the users' tables. It asks through the proxy, so it is right at every stage. */
  readonly newMonolith: (port: number) => ProcessPlan;
  readonly service: ProcessPlan;
  readonly planted: ProcessPlan | undefined;
  readonly proxy: ProcessPlan;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export function planParts(options: PartsOptions): Parts {
  const { ports, databases, introspectionKey, banyanEnv } = options;
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
    newMonolith: (port) => ({
      name: 'new-monolith',
      program: path('../monolith/main.ts'),
      env: {
        ...system(port, databases.monolithUrl),
        AUTH_DELEGATION: loopbackUrl(ports.proxy),
        CUSTOMERS: loopbackUrl(ports.proxy),
      },
      healthUrl: `${loopbackUrl(port)}/healthz`,
    }),
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
      args: ['run'],
      env: { ...banyanEnv, BANYAN_VERSION_SECRET: randomBytes(32).toString('base64url') },
      healthUrl: `${loopbackUrl(ports.admin)}/readyz`,
    },
  };
}
