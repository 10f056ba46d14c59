import type { Sequelize } from 'sequelize';

// OID of `timestamp` without zone in pg_type.
const timestampOid = 1114;

/** The part of a pg connection that is used here; Sequelize hands it out untyped. */
interface PgConnection {
  setTypeParser(oid: number, parse: (text: string) => Date | string): void;
}

/**
 * Makes every connection of this pool read `timestamp` without zone as the UTC that the monolith stores in it. pg would
 * take it for the local time of the process, which is wrong by the zone's offset, and has no answer for the hour that
 * a clock change skips. Writing needs nothing: Sequelize writes UTC unless its `timezone` option says otherwise.
 * Call it before the first query; calling it twice does no harm.
 */
export function readTimestampsAsUtc(sequelize: Sequelize): void {
  sequelize.addHook('afterConnect', (connection: unknown) => {
    (connection as PgConnection).setTypeParser(timestampOid, parseUtc);
  });
}

/** PostgreSQL's ISO form, microseconds cut to milliseconds; `infinity` and years that a Date cannot hold stay text. */
export function parseUtc(text: string): Date | string {
  const date = new Date(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(date.getTime()) ? text : date;
}
