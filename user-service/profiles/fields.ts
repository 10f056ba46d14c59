import { z } from 'zod';
import { text, trimmedText } from '#user-service/text.ts';

const earliestBirthDate = '1900-01-01';

const orNull = <S extends z.ZodType>(schema: S) => schema.nullable().default(null);

const phone = trimmedText({ min: 3, max: 32 }).pipe(
  z
    .string()
    .regex(/^\+?[0-9 ()./-]+$/, 'must be a telephone number: digits, spaces, ( ) . / -, and + in front'),
);

const birthDate = z.iso
  .date('must be a day of the calendar as YYYY-MM-DD')
  .refine((day) => day >= earliestBirthDate && day <= today(), `must be from ${earliestBirthDate} to today`);

const country = z
  .string('must be a text')
  .regex(/^[A-Z]{2}$/, 'must be a country code of ISO 3166-1 alpha-2, upper case, e.g. DE');

const locale = text({ min: 1, max: 35 }).refine(isLocale, 'must be a language tag of BCP 47, e.g. de-AT');

const timeZone = text({ min: 1, max: 64 }).refine(
  isTimeZone,
  'must be an IANA time zone name, e.g. Europe/Vienna',
);

/** `PUT /users/{id}/profile`: the whole profile, so what is missing becomes null. */
export const profileInput = z.strictObject({
  displayName: orNull(trimmedText({ min: 1, max: 100 })),
  bio: orNull(text({ min: 1, max: 2000 })),
  phone: orNull(phone),
  birthDate: orNull(birthDate),
  city: orNull(trimmedText({ min: 1, max: 100 })),
  country: orNull(country),
  locale: orNull(locale),
  timeZone: orNull(timeZone),
});

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  // Intl also takes offsets ("+01:00"), which are no names of zones.
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}
