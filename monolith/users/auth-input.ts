import { z } from 'zod';
import { normalEmail } from './account-input.ts';
import { between, storableText } from './storable-text.ts';

const anyToken = storableText().refine(...between(1, 512));

export const credentials = z.strictObject({
  // What is no address is simply not known, so its form is not looked at.
  email: normalEmail,
  password: storableText().refine(...between(1, 200)),
});
export type Credentials = z.output<typeof credentials>;

export const refreshInput = z.strictObject({ refreshToken: anyToken });

export const introspectionInput = z.strictObject({ token: anyToken });
