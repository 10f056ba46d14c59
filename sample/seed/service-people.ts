import { peopleSql, peopleValues, type IdRange, type SeedInput, type Statement } from './people.ts';

/** The same people in the user-service's schema. */
export function servicePeople(range: IdRange, input: SeedInput): Statement {
  return {
    values: peopleValues(range, input),
    text: `${peopleSql(input.seed)}, accounts_in as (
  insert into accounts (user_id, email, name, status, role, password_hash, created_at, updated_at)
  select id, email, name, status, case when is_admin then 'admin' else 'customer' end, password_hash, created_at, updated_at
  from person
), profiles_in as (
  insert into profiles (user_id, display_name, bio, phone, birth_date, city, country, locale, time_zone, updated_at)
  select user_id, display_name, bio, phone, birth_date, city, country, locale, time_zone, updated_at from profile
), preferences_in as (
  insert into preferences (user_id, key, value, updated_at) select user_id, key, value, updated_at from preference
)
insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
select user_id, hash, kind, session_id, issued_at, expires_at from token`,
  };
}
