/** What a user tells of themselves; everything may be missing. */
export interface ProfileFields {
  readonly displayName: string | null;
  readonly bio: string | null;
  readonly phone: string | null;
  /** `YYYY-MM-DD`: a day has no time zone. */
  readonly birthDate: string | null;
  readonly city: string | null;
  /** ISO 3166-1 alpha-2 */
  readonly country: string | null;
  /** BCP 47 */
  readonly locale: string | null;
  /** IANA time zone name */
  readonly timeZone: string | null;
}

/** A profile as the API shows it. */
export interface Profile extends ProfileFields {
  readonly updatedAt: Date;
}

/** Select list that reads a row of `profiles` as a `Profile`. */
export const profileColumns = `display_name as "displayName", bio, phone, birth_date as "birthDate", city, country, locale,
  time_zone as "timeZone", updated_at as "updatedAt"`;
