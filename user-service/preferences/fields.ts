import { z } from 'zod';
import { text } from '#user-service/text.ts';

/** Begins with a letter, so `__proto__` is none; `constructor` is one, and only an own property of its answer. */
export const preferencePath = z.object({
  key: z
    .string()
    .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be 1-64 of a-z, 0-9, "_", "." and "-", with a letter in front'),
});

/** `PUT /users/{id}/preferences/{key}` */
export const preferenceInput = z.strictObject({ value: text({ min: 0, max: 2000 }) });
