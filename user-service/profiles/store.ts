import { problem } from '#shared/errors/problem.ts';
import { queryOne, type Queryable } from '#user-service/database/pool.ts';
import { userNotFound } from '#user-service/users/accounts.ts';
import { profileColumns, type Profile, type ProfileFields } from './profile.ts';

/** @throws Problem 404 `user-not-found`, `profile-not-found` */
export async function findProfile(database: Queryable, userId: number): Promise<Profile> {
  const found = await queryOne<Profile & { readonly exists: boolean }>(
    database,
    `select p.user_id is not null as exists, ${profileColumns}
     from (select user_id as owner_id from accounts where user_id = $1 and status <> 'closed') owner
     left join profiles p on p.user_id = owner.owner_id`,
    [userId],
  );
  if (found === undefined) throw userNotFound();
  const { exists, ...profile } = found;
  if (!exists) throw profileNotFound();
  return profile;
}

/**
 * Makes or replaces the profile. The lock of the account (`for share`) waits for a closing that runs now, and then sees
 * it, so that no profile is left behind.
 * @throws Problem 404 `user-not-found`
 */
export async function putProfile(
  database: Queryable,
  userId: number,
  profile: ProfileFields,
): Promise<Profile> {
  const put = await queryOne<Profile>(
    database,
    `with owner as (select user_id from accounts where user_id = $1 and status <> 'closed' for share)
     insert into profiles (user_id, display_name, bio, phone, birth_date, city, country, locale, time_zone)
     select user_id, $2, $3, $4, $5::date, $6, $7, $8, $9 from owner
     on conflict (user_id) do update set
       display_name = excluded.display_name, bio = excluded.bio, phone = excluded.phone,
       birth_date = excluded.birth_date, city = excluded.city, country = excluded.country,
       locale = excluded.locale, time_zone = excluded.time_zone, updated_at = excluded.updated_at
     returning ${profileColumns}`,
    [
      userId,
      profile.displayName,
      profile.bio,
      profile.phone,
      profile.birthDate,
      profile.city,
      profile.country,
      profile.locale,
      profile.timeZone,
    ],
  );
  if (put === undefined) throw userNotFound();
  return put;
}

/** @throws Problem 404 `user-not-found`, `profile-not-found` */
export async function deleteProfile(database: Queryable, userId: number): Promise<void> {
  const outcome = await queryOne<{ userExists: boolean; deleted: boolean }>(
    database,
    `with owner as (select user_id from accounts where user_id = $1 and status <> 'closed'),
          gone as (delete from profiles p using owner where p.user_id = owner.user_id returning 1)
     select exists (select from owner) as "userExists", exists (select from gone) as deleted`,
    [userId],
  );
  if (outcome?.userExists !== true) throw userNotFound();
  if (!outcome.deleted) throw profileNotFound();
}

function profileNotFound(): Error {
  return problem(404, 'profile-not-found', 'This user has no profile.');
}
