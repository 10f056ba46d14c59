import { z } from 'zod';
import type { Caller } from './caller.ts';

// Fields that are not needed here may come and go.
const answer = z.discriminatedUnion('active', [
  z.object({ active: z.literal(false) }),
  z.object({ active: z.literal(true), userId: z.int().min(1), role: z.enum(['customer', 'admin']) }),
]);

/**
 * Reads the body of an introspection's answer.
 * @returns the caller, or `undefined` when the token is not active
 * @throws Error where it says neither: then nothing is known of the caller
 */
export function callerOfAnswer(text: string): Caller | undefined {
  const found = answer.parse(JSON.parse(text));
  return found.active ? { userId: found.userId, role: found.role } : undefined;
}
