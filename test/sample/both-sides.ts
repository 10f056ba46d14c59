import type { TestDatabase } from '#test/support/database.ts';

/** The user domain in words that belong to neither side; times to the microsecond. */
export interface Picture {
  readonly accounts: readonly unknown[];
  readonly profiles: readonly unknown[];
  readonly preferences: readonly unknown[];
  readonly tokens: readonly unknown[];
}

const time = (expression: string): string => `to_char(${expression}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
const zoned = (column: string): string => time(`${column} at time zone 'UTC'`);

// Written out here once more and on purpose: a mistake in the product's mapping must not hide in the test.

export async function monolithPicture(database: TestDatabase): Promise<Picture> {
  return {
    accounts: await database.query(
      `select id::text, email, full_name as name, (array['suspended', 'active', 'closed'])[is_active + 1] as status,
         (array['customer', 'admin'])[is_admin + 1] as role, password_hash, ${time('created_at')} as created,
         ${time('updated_at')} as updated
       from users order by users.id`,
    ),
    profiles: await database.query(
      `select user_id::text, display_name, bio, phone, birth_date::text, city, country::text, locale, time_zone,
         ${time('updated_at')} as updated
       from user_profiles order by user_profiles.user_id`,
    ),
    preferences: await database.query(
      `select user_id::text, pref_key as key, pref_value as value, ${time('updated_at')} as updated
       from user_preferences order by user_preferences.user_id, pref_key collate "C"`,
    ),
    tokens: await database.query(
      `select user_id::text, token_hash::text as hash, (array['access', 'refresh'])[token_type] as kind, family::text as session,
         ${time('issued_at')} as issued, ${time('expires_at')} as expires, ${time('spent_at')} as spent
       from auth_tokens order by auth_tokens.user_id, token_hash collate "C"`,
    ),
  };
}

export async function servicePicture(database: TestDatabase): Promise<Picture> {
  return {
    accounts: await database.query(
      `select user_id::text as id, email, name, status, role, password_hash, ${zoned('created_at')} as created,
         ${zoned('updated_at')} as updated
       from accounts order by accounts.user_id`,
    ),
    profiles: await database.query(
      `select user_id::text, display_name, bio, phone, birth_date::text, city, country, locale, time_zone,
         ${zoned('updated_at')} as updated
       from profiles order by profiles.user_id`,
    ),
    preferences: await database.query(
      `select user_id::text, key, value, ${zoned('updated_at')} as updated
       from preferences order by preferences.user_id, key collate "C"`,
    ),
    tokens: await database.query(
      `select user_id::text, token_hash as hash, kind, session_id::text as session, ${zoned('issued_at')} as issued,
         ${zoned('expires_at')} as expires, ${zoned('spent_at')} as spent
       from tokens order by tokens.user_id, token_hash collate "C"`,
    ),
  };
}
