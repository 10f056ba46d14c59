-- Devices and their measurements, which are found by device and measure.
create type measure as enum ('temperature', 'humidity', 'light');
create type device_state as enum ('active', 'parked', 'lost');

create table devices (
  tenant text collate "C" not null,
  serial text collate "C" not null check (serial <> ''),
  model text,
  measures measure[],
  calibration jsonb check (jsonb_typeof(calibration) = 'object'),
  offset_amount numeric check (scale(offset_amount) <= 3),
  is_mounted boolean,
  state device_state,
  revision bigint not null default 1 check (revision > 0),
  changed_at timestamptz(3) not null,
  removed_at timestamptz(3),
  primary key (tenant, serial)
);

create table measurements (
  tenant text collate "C" not null,
  device_serial text collate "C" not null,
  measure measure not null,
  taken_at timestamptz(3) not null,
  amount numeric check (scale(amount) <= 4),
  primary key (tenant, device_serial, measure, taken_at),
  foreign key (tenant, device_serial) references devices (tenant, serial)
);
