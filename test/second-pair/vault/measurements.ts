import type { Pool } from 'pg';
import type { Reading, ReadingSpan, ReadingStatus, ShownReading } from '../contract/devices.ts';
import type { DeviceKey } from './devices.ts';

const batchTable = `jsonb_to_recordset($2::jsonb)
  as batch (position int, serial text, taken_at timestamptz, measure measure, amount numeric)`;

/** Takes a whole batch at once; of one moment twice in a batch the first counts. */
export async function takeMeasurements(
  pool: Pool,
  tenant: string,
  readings: readonly Reading[],
): Promise<ReadingStatus[]> {
  const batch = readings.map(({ serial, takenAt, measure, value }, position) => {
    return { position, serial, taken_at: takenAt.toISOString(), measure, amount: value };
  });
  const values = [tenant, JSON.stringify(batch)];
  const added = await pool.query<{ position: number }>(
    `with firsts as (
       select distinct on (serial, measure, taken_at) * from ${batchTable}
       order by serial, measure, taken_at, position),
     here as (
       select serial from devices where tenant = $1 and serial in (select serial from firsts) and removed_at is null
       order by serial for key share),
     added as (
       insert into measurements (tenant, device_serial, measure, taken_at, amount)
       select $1, serial, measure, taken_at, amount from firsts join here using (serial)
       order by serial, measure, taken_at
       on conflict do nothing returning device_serial, measure, taken_at)
     select position from firsts
     join added on (device_serial, added.measure, added.taken_at) = (serial, firsts.measure, firsts.taken_at)`,
    values,
  );
  // A statement of its own: it sees what another batch added while the first one waited for it.
  const kept = await pool.query<{ status: ReadingStatus }>(
    `select case
       when devices.serial is null then 404
       when devices.removed_at is not null then 410
       when batch.amount is not distinct from measurements.amount then 200
       else 409 end as status
     from ${batchTable}
     left join devices on devices.tenant = $1 and devices.serial = batch.serial
     left join measurements on measurements.tenant = $1 and device_serial = batch.serial
       and measurements.measure = batch.measure and measurements.taken_at = batch.taken_at
     order by position`,
    values,
  );
  const isNew = new Set(added.rows.map((row) => row.position));
  return kept.rows.map(({ status }, position) => (isNew.has(position) ? 201 : status));
}

export async function listMeasurements(
  pool: Pool,
  { tenant, serial }: DeviceKey,
  { since, until }: ReadingSpan,
): Promise<ShownReading[]> {
  const listed = await pool.query<ShownReading>(
    `select to_char(taken_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "takenAt", measure,
       trim_scale(amount)::text as value
     from measurements
     where tenant = $1 and device_serial = $2
       and taken_at >= coalesce($3::timestamptz, '-infinity') and taken_at < coalesce($4::timestamptz, 'infinity')
     order by taken_at, measure::text collate "C"`,
    [tenant, serial, since, until],
  );
  return listed.rows;
}
