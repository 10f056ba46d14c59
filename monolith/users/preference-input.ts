import { z } from 'zod';
import { between, storableText } from './storable-text.ts';

export const preferenceInput = z.strictObject({ value: storableText().refine(...between(0, 2_000)) });

export const preferencePath = z.object({
  key: z
    .string()
    .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, _ . - and begin with a letter'),
});
