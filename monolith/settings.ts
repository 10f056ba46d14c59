import { passwordCosts, type PasswordCost } from '#shared/credentials/password.ts';
import { messageOf } from '#shared/errors/message.ts';
import { introspectionKeyError } from './auth-delegation/introspection-key.ts';
import { parseAuthDelegation, type AuthDelegationSetting } from './auth-delegation/setting.ts';
import { parseUserDomainSetting, type UserDomainSetting } from './user-domain-setting.ts';

/** What the environment of the process says. */
export interface Settings {
  readonly databaseUrl: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly introspectionKey: string;
  readonly authDelegation: AuthDelegationSetting;
  /**
   * `CUSTOMERS`: where the report by customer finds their names. With this and `AUTH_DELEGATION` both remote, nothing
   * but the user domain itself reads its tables.
   */
  readonly customers: UserDomainSetting;
  readonly logLevel: string;
  readonly passwordCost: PasswordCost;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Reads the environment; an empty variable counts as one that is not set.
 * @throws Error (`name` SettingsError) that lists all that is missing or wrong, and never a value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const errors: string[] = [];
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const databaseUrl = given('DATABASE_URL') ?? '';
  const port = given('PORT') ?? '';
  const introspectionKey = given('INTROSPECTION_KEY') ?? '';
  const logLevel = given('LOG_LEVEL') ?? 'info';
  const cost = given('PASSWORD_COST') ?? 'full';
  const passwordCost = cost === 'full' || cost === 'light' ? passwordCosts[cost] : undefined;

  if (!isDatabaseUrl(databaseUrl)) {
    errors.push(
      'DATABASE_URL must be the address of PostgreSQL, postgres://user:password@host:port/database',
    );
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    errors.push('PORT must be the port to listen on, 0-65535 (0 takes a free one)');
  }
  const keyError = introspectionKeyError(introspectionKey);
  if (keyError !== undefined) errors.push(keyError);
  if (!logLevels.includes(logLevel)) errors.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}`);
  if (passwordCost === undefined)
    errors.push('PASSWORD_COST must be full, or light for sample data and tests alone');
  const authDelegation = read(() => parseAuthDelegation(given('AUTH_DELEGATION')), errors);
  const customers = read(() => parseUserDomainSetting('CUSTOMERS', given('CUSTOMERS')), errors);

  if (
    errors.length > 0 ||
    authDelegation === undefined ||
    customers === undefined ||
    passwordCost === undefined
  )
    throw settingsError(errors);
  return {
    databaseUrl,
    host: given('HOST') ?? '127.0.0.1',
    port: Number(port),
    introspectionKey,
    authDelegation,
    customers,
    logLevel,
    passwordCost,
  };
}

export function isSettingsError(error: unknown): boolean {
  return Error.isError(error) && error.name === 'SettingsError';
}

function read<Setting>(parse: () => Setting, errors: string[]): Setting | undefined {
  try {
    return parse();
  } catch (error) {
    errors.push(messageOf(error));
    return undefined;
  }
}

function isDatabaseUrl(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '' && url.pathname.length > 1
  );
}

function settingsError(errors: readonly string[]): Error {
  const lines = errors.map((error) => `\n  ${error}`);
  return Object.assign(new Error(`the environment is wrong:${lines.join('')}`), { name: 'SettingsError' });
}
