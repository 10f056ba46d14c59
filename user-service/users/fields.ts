import { z } from 'zod';
import { text, trimmedText } from '#user-service/text.ts';

// The form that the WHATWG gives for <input type=email>, with a dot in the domain. The dot also keeps sign-ups away
// from `closed-{id}@invalid`, the names of closed accounts.
const addressForm =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** An e-mail address as somebody typed it: any case, white space around it. Whether it looks like one is not asked. */
export const typedEmail = trimmedText({ min: 1, max: 254 }).pipe(z.string().toLowerCase());

const email = typedEmail.pipe(z.string().regex(addressForm, 'must be an e-mail address'));
const name = trimmedText({ min: 1, max: 200 });

/** `POST /users` */
export const signUp = z.strictObject({ email, name, password: text({ min: 8, max: 200 }) });

/** `PATCH /users/{id}` */
export const userChanges = z
  .strictObject({
    email: email.optional(),
    name: name.optional(),
    status: z.enum(['active', 'suspended'], { error: 'must be active or suspended' }).optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'must change at least one of email, name, status');

/** `GET /users`; other query parameters are ignored. */
export const userListing = z.object({
  limit: z
    .string({ error: 'must be given once' })
    .regex(/^(?:[1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .transform(Number)
    .default(50),
  cursor: z.string({ error: 'must be given once' }).transform(readCursor).optional(),
});

/** Both systems write the cursor alike, so that the next page may come from the other one. */
export function writeCursor(lastId: number): string {
  return Buffer.from(String(lastId)).toString('base64url');
}

function readCursor(cursor: string, context: z.RefinementCtx<string>): number {
  const lastId = Number(Buffer.from(cursor, 'base64url').toString());
  if (Number.isSafeInteger(lastId) && lastId > 0 && writeCursor(lastId) === cursor) return lastId;
  context.addIssue({ code: 'custom', message: 'must be the nextCursor of a page', input: cursor });
  return z.NEVER;
}
