import { Client, types } from 'pg';
import { Sequelize } from 'sequelize';
import { typeParsers } from '#shared/postgres/type-parsers.ts';

const timestampOid = 1114;

/**
 * Opens a pool on the monolith's database; nothing connects before the first query. Close it with `.close()`.
 *
 * What differs from Sequelize's defaults, for this pool alone (pg's global parsers stay as they are): `bigint` is read
 * as a number (an id beyond the safe integers is an error, not a wrong number), and `timestamp` without zone is read as
 * UTC, not as the local time of this process.
 * @param url `postgres://user:password@host:port/database`
 * @param maxConnections 1-100
 */
export function openDatabase(url: string, maxConnections = 10): Sequelize {
  return new Sequelize(url, {
    dialect: 'postgres',
    dialectModule: { Client, types: { ...types, ...typeParsers({ [timestampOid]: utcTime }) } },
    dialectOptions: {
      application_name: 'monolith',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 30_000,
    },
    logging: false,
    timezone: '+00:00',
    pool: { max: maxConnections, min: 0, acquire: 10_000, idle: 10_000 },
    define: { timestamps: false, underscored: true, freezeTableName: true },
  });
}

/** PostgreSQL writes `2026-01-02 03:04:05.678` (ISO style); years before 1 and `infinity` do not occur here. */
function utcTime(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`);
}
