-- The user domain as the monolith has always kept it: sequence ids, numbers for states, times without a zone (UTC).
-- users.is_active: 1 active, 0 suspended, 2 closed. users.is_admin: 0 or 1. auth_tokens.token_type: 1 access, 2 refresh.

create table users (
  id bigserial constraint users_pkey primary key,
  email varchar(254) not null constraint users_email_key unique,
  full_name varchar(200) not null,
  is_active smallint not null default 1 constraint users_is_active_check check (is_active in (0, 1, 2)),
  is_admin smallint not null default 0 constraint users_is_admin_check check (is_admin in (0, 1)),
  password_hash varchar(255) not null,
  created_at timestamp not null default (now() at time zone 'utc'),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table user_profiles (
  user_id bigint constraint user_profiles_pkey primary key
    constraint user_profiles_user_id_fkey references users (id),
  display_name varchar(100),
  bio text,
  phone varchar(32),
  birth_date date,
  city varchar(100),
  country char(2),
  locale varchar(35),
  time_zone varchar(64),
  updated_at timestamp not null default (now() at time zone 'utc')
);

create table user_preferences (
  user_id bigint not null constraint user_preferences_user_id_fkey references users (id),
  pref_key varchar(64) not null,
  pref_value text not null,
  updated_at timestamp not null default (now() at time zone 'utc'),
  constraint user_preferences_pkey primary key (user_id, pref_key)
);

create table auth_tokens (
  id bigserial constraint auth_tokens_pkey primary key,
  user_id bigint not null constraint auth_tokens_user_id_fkey references users (id),
  token_hash char(64) not null,
  token_type smallint not null constraint auth_tokens_token_type_check check (token_type in (1, 2)),
  -- All tokens that one login led to, through any number of refreshes.
  family uuid not null,
  issued_at timestamp not null,
  expires_at timestamp not null,
  spent_at timestamp,
  constraint auth_tokens_user_id_token_hash_key unique (user_id, token_hash)
);

-- For the sweep of expired tokens.
create index auth_tokens_expires_at_idx on auth_tokens (expires_at);
