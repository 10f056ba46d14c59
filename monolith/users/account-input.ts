import { z } from 'zod';
import { pageFields } from '#monolith/paging.ts';
import { between, storableText } from './storable-text.ts';

// What the WHATWG takes for <input type=email>, with the length limit of RFC 5321 on the local part and a domain of at
// least two labels.
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const addressForm = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]{1,64}@${label}(?:\\.${label})+$`);

/** An e-mail address as it is stored and looked up. */
export const normalEmail = storableText()
  .trim()
  .toLowerCase()
  .refine(...between(1, 254));

const email = normalEmail.regex(addressForm, 'must be an e-mail address');
const name = storableText()
  .trim()
  .refine(...between(1, 200));
const password = storableText().refine(...between(8, 200));

export const newAccount = z.strictObject({ email, name, password });
export type NewAccount = z.output<typeof newAccount>;

export const accountChange = z
  .strictObject({
    email: email.optional(),
    name: name.optional(),
    status: z.enum(['active', 'suspended']).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change at least one of email, name and status');
export type AccountChange = z.output<typeof accountChange>;

export const accountPage = z.object({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .transform(Number)
    .default(50),
  cursor: pageFields.cursor,
});
export type AccountPage = z.output<typeof accountPage>;
