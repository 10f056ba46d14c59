import type { Pool } from 'pg';
import type { Device, DeviceEntry, DeviceState, Measure } from '../contract/devices.ts';

export interface LoggerKey {
  readonly house: string;
  readonly serial: string;
}

export interface FoundLogger {
  readonly device: Device;
  readonly struck: boolean;
}

interface Row extends Omit<Device, 'mounted' | 'state'> {
  readonly measures: Measure[] | null;
  readonly mounted: 0 | 1 | null;
  readonly state: 'in use' | 'parked' | 'lost' | null;
  readonly struck: boolean;
}

const columns = `serial, model, channels as measures, calibration, trim_scale(offset_value)::text as "offset",
  mounted, state, rev as revision, struck_at is not null as struck`;

export async function findLogger(pool: Pool, { house, serial }: LoggerKey): Promise<FoundLogger | undefined> {
  const found = await pool.query<Row>(`select ${columns} from loggers where house = $1 and serial = $2`, [
    house,
    serial,
  ]);
  return found.rows.map((row) => ({ device: shown(row), struck: row.struck }))[0];
}

export async function listLoggers(pool: Pool, house: string): Promise<Device[]> {
  const listed = await pool.query<Row>(
    `select ${columns} from loggers where house = $1 and struck_at is null order by serial collate "C"`,
    [house],
  );
  return listed.rows.map(shown);
}

/** The last write wins; `undefined` where the logger was struck. */
export async function putLogger(
  pool: Pool,
  { house, serial }: LoggerKey,
  { entry, now }: { readonly entry: DeviceEntry; readonly now: Date },
): Promise<Device | undefined> {
  const { model, measures, calibration, offset, mounted, state } = entry;
  const put = await pool.query<Row>(
    `insert into loggers (house, serial, model, channels, calibration, offset_value, mounted, state, touched)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz at time zone 'utc')
     on conflict (house, serial) do update set model = excluded.model, channels = excluded.channels,
       calibration = excluded.calibration, offset_value = excluded.offset_value, mounted = excluded.mounted,
       state = excluded.state, touched = excluded.touched, rev = loggers.rev + 1
     where loggers.struck_at is null
     returning ${columns}`,
    [
      house,
      serial,
      model,
      measures,
      calibration === null ? null : JSON.stringify(calibration),
      offset,
      mounted === null ? null : Number(mounted),
      state === 'active' ? 'in use' : state,
      now,
    ],
  );
  return put.rows.map(shown)[0];
}

/** False where there is none to strike. */
export async function strikeLogger(pool: Pool, { house, serial }: LoggerKey, now: Date): Promise<boolean> {
  const struck = await pool.query(
    `update loggers set struck_at = $3::timestamptz at time zone 'utc', touched = $3::timestamptz at time zone 'utc',
       rev = rev + 1
     where house = $1 and serial = $2 and struck_at is null`,
    [house, serial, now],
  );
  return struck.rowCount === 1;
}

function shown({ struck: _struck, ...row }: Row): Device {
  const state: DeviceState | null = row.state === 'in use' ? 'active' : row.state;
  return { ...row, mounted: row.mounted === null ? null : row.mounted === 1, state };
}
