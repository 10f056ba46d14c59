import { z } from 'zod';
import { isServiceKey } from '#shared/credentials/bearer.ts';
import { passwordCosts, type PasswordCost } from '#shared/credentials/password.ts';

/** What the environment of the process says. */
export interface Settings {
  readonly databaseUrl: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly introspectionKey: string;
  readonly logLevel: string;
  readonly passwordCost: PasswordCost;
}

const required = (remedy: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? `is not set: ${remedy}` : remedy;

const databaseUrlRemedy = 'give the address of PostgreSQL, postgres://user:password@host:port/database';
const portRemedy = 'give the port to listen on, 0-65535 (0 takes a free one)';
const keyRemedy = 'give a key that only services know, e.g. the output of "openssl rand -hex 32"';
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const environment = z.object({
  DATABASE_URL: z
    .string({ error: required(databaseUrlRemedy) })
    .refine(isDatabaseUrl, `is no such address: ${databaseUrlRemedy}`),
  HOST: z.string().default('127.0.0.1'),
  PORT: z
    .string({ error: required(portRemedy) })
    .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, `is no port: ${portRemedy}`)
    .transform(Number),
  INTROSPECTION_KEY: z
    .string({ error: required(keyRemedy) })
    .refine(isServiceKey, `must be 16-512 letters, digits or - . _ ~ + / =: ${keyRemedy}`),
  LOG_LEVEL: z.enum(levels, { error: `must be one of ${levels.join(', ')}` }).default('info'),
  PASSWORD_COST: z
    .enum(['full', 'light'], { error: 'must be full, or light for sample data and tests alone' })
    .default('full'),
});

/**
 * Reads the environment; an empty variable counts as one that is not set.
 * @throws Error (`name` SettingsError) that lists all that is missing or wrong, and never a value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(given);
  if (!result.success) throw settingsError(result.error.issues);
  const { DATABASE_URL, HOST, PORT, INTROSPECTION_KEY, LOG_LEVEL, PASSWORD_COST } = result.data;
  return {
    databaseUrl: DATABASE_URL,
    host: HOST,
    port: PORT,
    introspectionKey: INTROSPECTION_KEY,
    logLevel: LOG_LEVEL,
    passwordCost: passwordCosts[PASSWORD_COST],
  };
}

export function isSettingsError(error: unknown): boolean {
  return Error.isError(error) && error.name === 'SettingsError';
}

function settingsError(issues: readonly z.core.$ZodIssue[]): Error {
  const lines = issues.map((issue) => `\n  ${issue.path.join('.')} ${issue.message}`);
  return Object.assign(new Error(`the environment is wrong:${lines.join('')}`), { name: 'SettingsError' });
}

function isDatabaseUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
}
