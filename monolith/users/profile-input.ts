import { z } from 'zod';
import { between, storableText } from './storable-text.ts';

const label = storableText()
  .trim()
  .refine(...between(1, 100));
const bio = storableText().refine(...between(1, 2_000));
const phone = storableText()
  .trim()
  .refine(...between(3, 32))
  .regex(/^\+?[0-9 ()./-]+$/, 'must be digits, spaces and ( ) . / - with at most one +, in front');
const birthDate = z.iso
  .date({ error: 'must be a day as YYYY-MM-DD', abort: true })
  .refine((day) => day >= '1900-01-01' && day <= today(), 'must be from 1900-01-01 to today');
const country = z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters such as PT (ISO 3166-1 alpha-2)');
const locale = storableText()
  .refine(...between(1, 35))
  .refine(isLocale, 'must be a language tag such as pt-BR (BCP 47)');
const timeZone = storableText()
  .refine(...between(1, 64))
  // Intl also takes offsets such as `+01:00`, which are no names.
  .regex(/^[a-z][\w+/-]*$/i, { error: 'must be a name, not an offset', abort: true })
  .refine(isTimeZone, 'must be a time zone such as Europe/Lisbon (IANA)');

/** A whole profile: what is missing is null. */
export const profileInput = z.strictObject({
  displayName: label.nullable().default(null),
  bio: bio.nullable().default(null),
  phone: phone.nullable().default(null),
  birthDate: birthDate.nullable().default(null),
  city: label.nullable().default(null),
  country: country.nullable().default(null),
  locale: locale.nullable().default(null),
  timeZone: timeZone.nullable().default(null),
});
export type ProfileInput = z.output<typeof profileInput>;

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
