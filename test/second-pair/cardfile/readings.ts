import type { Pool, PoolClient } from 'pg';
import type { Reading, ReadingSpan, ReadingStatus, ShownReading } from '../contract/devices.ts';
import type { LoggerKey } from './loggers.ts';

/** Files a batch in one transaction; what becomes of one reading does not touch the others. */
export async function fileReadings(
  pool: Pool,
  house: string,
  readings: readonly Reading[],
): Promise<ReadingStatus[]> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const statuses: ReadingStatus[] = [];
    // All in one order, so that two batches that meet cannot wait for each other.
    const inOrder = [...readings.entries()].toSorted(([, a], [, b]) => (placeOf(a) < placeOf(b) ? -1 : 1));
    for (const [index, reading] of inOrder) statuses[index] = await fileReading(client, house, reading);
    await client.query('commit');
    return statuses;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

export async function listReadings(
  pool: Pool,
  { house, serial }: LoggerKey,
  { since, until }: ReadingSpan,
): Promise<ShownReading[]> {
  const listed = await pool.query<Omit<ShownReading, 'takenAt'> & { takenAt: Date }>(
    `select taken_at at time zone 'utc' as "takenAt", channel as measure, trim_scale(value)::text as value
     from logger_readings
     where house = $1 and serial = $2
       and ($3::timestamptz is null or taken_at >= $3::timestamptz at time zone 'utc')
       and ($4::timestamptz is null or taken_at < $4::timestamptz at time zone 'utc')
     order by taken_at, channel collate "C"`,
    [house, serial, since, until],
  );
  return listed.rows.map((row) => ({ ...row, takenAt: row.takenAt.toISOString() }));
}

async function fileReading(client: PoolClient, house: string, reading: Reading): Promise<ReadingStatus> {
  const { serial, takenAt, measure, value } = reading;
  const logger = await client.query<{ struck: boolean }>(
    `select struck_at is not null as struck from loggers where house = $1 and serial = $2 for key share`,
    [house, serial],
  );
  if (logger.rows[0] === undefined) return 404;
  if (logger.rows[0].struck) return 410;
  const key = [house, serial, takenAt, measure];
  const filed = await client.query(
    `insert into logger_readings (house, serial, taken_at, channel, value)
     values ($1, $2, $3::timestamptz at time zone 'utc', $4, $5) on conflict do nothing`,
    [...key, value],
  );
  if (filed.rowCount === 1) return 201;
  const same = await client.query(
    `select from logger_readings where house = $1 and serial = $2
       and taken_at = $3::timestamptz at time zone 'utc' and channel = $4 and value is not distinct from $5::numeric`,
    [...key, value],
  );
  return same.rowCount === 1 ? 200 : 409;
}

function placeOf({ serial, takenAt, measure }: Reading): string {
  return JSON.stringify([serial, takenAt, measure]);
}
