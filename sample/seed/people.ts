import { familyNames, givenNames, places } from './names.ts';
import { adminIds, everyNth } from './population.ts';

// The people of the sample as SQL, said once: each side's own statement maps these rows to its tables. So the two sides
// are equal by the same mapping that the migration uses, and neither is copied from the other.

export interface SeedInput {
  /** 0-2^31-1: another seed draws other names, places and times. */
  readonly seed: number;
  /** "Now" of the seeded data: every time in it lies before. */
  readonly asOf: Date;
  /** The one password hash of all seeded accounts. */
  readonly passwordHash: string;
}

/** First and last id of a chunk, both included. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * SQL for a number from 0 to `modulo - 1` that depends on the seed, the id and `salt` alone. PostgreSQL's own hash of a
 * bigint, since it is the same on every server and costs no more than an addition.
 */
export function draw(
  seed: number,
  salt: number,
  of: { readonly id: string; readonly modulo: number },
): string {
  return `(hashint8extended(${of.id}, ${BigInt(seed) * 1_024n + BigInt(salt)}) & 2147483647)::bigint % ${of.modulo}`;
}

const secondsInYear = 31_536_000;
const secondsInTwentyDays = 1_728_000;

/** Parameters $1 first id, $2 last id, $3 time, $4 password hash; then the lists of names. */
export function peopleValues({ first, last }: IdRange, { asOf, passwordHash }: SeedInput): unknown[] {
  const place = (field: keyof (typeof places)[number]): string[] => places.map((each) => each[field]);
  return [
    first,
    last,
    asOf.toISOString(),
    passwordHash,
    givenNames,
    familyNames,
    place('city'),
    place('country'),
    place('locale'),
    place('timeZone'),
  ];
}

/** `with person as (…), profile as (…), preference as (…), token as (…)`, to be followed by the inserts. */
export function peopleSql(seed: number): string {
  const of = (salt: number, modulo: number): string => draw(seed, salt, { id: 'id', modulo });
  const oneOf = (parameter: string, salt: number, length: number): string =>
    `(${parameter}::text[])[1 + ${of(salt, length)}]`;
  const placeAt = (parameter: string): string => oneOf(parameter, 12, places.length);
  return `
with person as materialized (
  select id,
    case when id % ${everyNth.closed} = 0 then 'closed' when id % ${everyNth.suspended} = 0 then 'suspended' else 'active' end as status,
    case when id % ${everyNth.closed} = 0 then 'closed-' || id || '@invalid'
      when id in (${adminIds.join(', ')}) then 'admin' || id || '@example.com'
      else 'user' || id || '@example.com' end as email,
    case when id % ${everyNth.closed} = 0 then 'Closed account'
      else ${oneOf('$5', 1, givenNames.length)} || ' ' || ${oneOf('$6', 2, familyNames.length)} end as name,
    id in (${adminIds.join(', ')}) as is_admin,
    case when id % ${everyNth.closed} = 0 then 'closed' else $4::text end as password_hash,
    -- Everybody was there before the year whose orders are seeded.
    $3::timestamptz - interval '1 second' * (${secondsInYear} + ${of(3, 2 * secondsInYear)})
      - interval '1 microsecond' * (${of(4, 1_000_000)}) as created_at,
    $3::timestamptz - interval '1 second' * (${of(5, secondsInTwentyDays)}) as updated_at
  from generate_series($1::bigint, $2::bigint) as id
), profile as (
  select id as user_id,
    ${oneOf('$5', 1, givenNames.length)} as display_name,
    case when ${of(8, 3)} = 0 then 'Customer since ' || extract(year from created_at at time zone 'UTC') || '.' end as bio,
    case when ${of(9, 2)} = 0 then '+49 89 ' || (100000 + ${of(10, 899_999)}) end as phone,
    date '1940-01-01' + (${of(11, 24_000)})::int as birth_date,
    ${placeAt('$7')} as city, ${placeAt('$8')} as country, ${placeAt('$9')} as locale, ${placeAt('$10')} as time_zone,
    updated_at
  from person where status <> 'closed' and id % 3 <> 0
), preference as (
  select id as user_id, 'theme' as key, (array['dark', 'light', 'system'])[1 + ${of(13, 3)}] as value, updated_at
  from person where status <> 'closed'
  union all
  select id, 'language', (array['de', 'en', 'fr', 'ja', 'pl', 'pt'])[1 + ${of(14, 6)}], updated_at
  from person where status <> 'closed' and id % 4 = 0
), token as (
  -- Nobody knows the secrets of these: they are sessions that somebody has left open.
  select id as user_id, encode(sha256(convert_to(${seed} || ':' || id || ':' || kind, 'UTF8')), 'hex') as hash, kind,
    md5(${seed} || ':' || id)::uuid as session_id, updated_at as issued_at,
    updated_at + case kind when 'access' then interval '15 minutes' else interval '30 days' end as expires_at
  from person, unnest(array['access', 'refresh']) as kind
  where status = 'active' and id % 24 < 5
)`;
}
