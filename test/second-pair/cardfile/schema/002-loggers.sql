-- Climate loggers and what they read. `mounted`: 1 yes, 0 no.
create type logger_state as enum ('in use', 'parked', 'lost');

create table loggers (
  house text not null,
  serial text not null,
  model text,
  channels text[],
  calibration jsonb,
  offset_value numeric(6, 3),
  mounted smallint check (mounted in (0, 1)),
  state logger_state,
  rev integer not null default 1,
  touched timestamp(3) not null,
  struck_at timestamp(3),
  primary key (house, serial)
);

create table logger_readings (
  house text not null,
  serial text not null,
  taken_at timestamp(3) not null,
  channel text not null,
  value numeric(10, 4),
  primary key (house, serial, taken_at, channel),
  foreign key (house, serial) references loggers (house, serial)
);
