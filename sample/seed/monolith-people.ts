import { peopleSql, peopleValues, type IdRange, type SeedInput, type Statement } from './people.ts';

/** Users with all that hangs on them, in the monolith's old schema. */
export function monolithPeople(range: IdRange, input: SeedInput): Statement {
  return {
    values: peopleValues(range, input),
    text: `${peopleSql(input.seed)}, users_in as (
  insert into users (id, email, full_name, is_active, is_admin, password_hash, created_at, updated_at)
  select id, email, name, case status when 'active' then 1 when 'suspended' then 0 else 2 end, is_admin::int,
    password_hash, created_at at time zone 'UTC', updated_at at time zone 'UTC'
  from person
), profiles_in as (
  insert into user_profiles
    (user_id, display_name, bio, phone, birth_date, city, country, locale, time_zone, updated_at)
  select user_id, display_name, bio, phone, birth_date, city, country, locale, time_zone, updated_at at time zone 'UTC'
  from profile
), preferences_in as (
  insert into user_preferences (user_id, pref_key, pref_value, updated_at)
  select user_id, key, value, updated_at at time zone 'UTC' from preference
)
insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
select user_id, hash, case kind when 'access' then 1 else 2 end, session_id, issued_at at time zone 'UTC',
  expires_at at time zone 'UTC'
from token`,
  };
}
