import type { Pool } from 'pg';
import type { Device, DeviceEntry } from '../contract/devices.ts';

export interface DeviceKey {
  readonly tenant: string;
  readonly serial: string;
}

interface Row extends Omit<Device, 'revision'> {
  /** bigint */
  readonly revision: string;
}

const shownColumns = `serial, model, measures::text[] as measures, calibration, trim_scale(offset_amount)::text as "offset",
  is_mounted as mounted, state, revision`;

export async function findDevice(pool: Pool, key: DeviceKey): Promise<Device | 'removed' | 'unknown'> {
  const found = await pool.query<Row & { removed: boolean }>(
    `select ${shownColumns}, removed_at is not null as removed from devices where tenant = $1 and serial = $2`,
    [key.tenant, key.serial],
  );
  const row = found.rows[0];
  if (row === undefined) return 'unknown';
  const { removed, ...device } = row;
  return removed ? 'removed' : shown(device);
}

export async function listDevices(pool: Pool, tenant: string): Promise<Device[]> {
  const listed = await pool.query<Row>(
    `select ${shownColumns} from devices where tenant = $1 and removed_at is null order by serial`,
    [tenant],
  );
  return listed.rows.map(shown);
}

/** The last write wins; `undefined` where the device was removed. */
export async function putDevice(
  pool: Pool,
  { tenant, serial }: DeviceKey,
  { entry, now }: { readonly entry: DeviceEntry; readonly now: Date },
): Promise<Device | undefined> {
  const { model, measures, calibration, offset, mounted, state } = entry;
  const put = await pool.query<Row>(
    `insert into devices as kept
       (tenant, serial, model, measures, calibration, offset_amount, is_mounted, state, changed_at)
     values ($1, $2, $3, $4::measure[], $5, $6, $7, $8, $9)
     on conflict (tenant, serial) do update set
       (model, measures, calibration, offset_amount, is_mounted, state, changed_at, revision) =
       (excluded.model, excluded.measures, excluded.calibration, excluded.offset_amount, excluded.is_mounted,
        excluded.state, excluded.changed_at, kept.revision + 1)
     where kept.removed_at is null
     returning ${shownColumns}`,
    [
      tenant,
      serial,
      model,
      measures,
      calibration === null ? null : JSON.stringify(calibration),
      offset,
      mounted,
      state,
      now,
    ],
  );
  return put.rows.map(shown)[0];
}

/** False where there is none to remove. */
export async function removeDevice(pool: Pool, { tenant, serial }: DeviceKey, now: Date): Promise<boolean> {
  const removed = await pool.query(
    `update devices set removed_at = $3, changed_at = $3, revision = revision + 1
     where tenant = $1 and serial = $2 and removed_at is null`,
    [tenant, serial, now],
  );
  return removed.rowCount === 1;
}

function shown(row: Row): Device {
  return { ...row, revision: Number(row.revision) };
}
