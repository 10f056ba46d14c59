import { destination, pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * What never stands in a log line, wherever in the logged object it lies up to two levels down. Handlers log chosen
 * fields, not whole requests; this is the second fence.
 */
const secretFields = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'sdkKey',
  'databaseUrl',
];

export interface LogOptions {
  /** Name of the process in every line. */
  readonly name: string;
  /** pino's levels: `trace` … `fatal`, or `silent`. Default: `LOG_LEVEL` of the environment, else `info`. */
  readonly level?: string;
  /** File descriptor the lines go to. Default 1 (standard output). */
  readonly fd?: number;
}

/** One JSON object a line (pino), times in ISO 8601, secrets replaced by `[redacted]`. */
export function createLog(options: LogOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level ?? process.env['LOG_LEVEL'] ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: loggedError },
      redact: {
        paths: secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
        censor: '[redacted]',
      },
    },
    destination({ dest: options.fd ?? 1, sync: true }),
  );
}

/**
 * What is told of an error: chosen fields. Errors of databases carry what they were given beside these (Sequelize's
 * `sql` and `parameters`, PostgreSQL's `detail` with the refused row): e-mail addresses and hashes of passwords.
 */
function loggedError(error: unknown): unknown {
  if (!Error.isError(error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const { code, constraint } = error as { readonly code?: unknown; readonly constraint?: unknown };
  return { type, message, stack, code, constraint };
}
