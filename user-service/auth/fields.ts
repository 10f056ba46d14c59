import { z } from 'zod';
import { text } from '#user-service/text.ts';
import { typedEmail } from '#user-service/users/fields.ts';

// Longer than any token of ours: what is not one is answered as such, not as a wrong field.
const token = text({ min: 1, max: 512 });

/** `POST /auth/login`. The rules for new addresses and passwords are not asked of typed ones. */
export const credentials = z.strictObject({ email: typedEmail, password: text({ min: 1, max: 200 }) });

/** `POST /auth/refresh` */
export const refreshRequest = z.strictObject({ refreshToken: token });

/** `POST /auth/introspect` */
export const introspectionRequest = z.strictObject({ token });
