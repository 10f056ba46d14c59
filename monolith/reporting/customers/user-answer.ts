import { z } from 'zod';
import { closedCustomer } from './closed-customer.ts';
import type { Customer } from './customers.types.ts';

// Fields that are not needed here may come and go.
const user = z.object({ id: z.int(), name: z.string(), email: z.string() });
const notFound = z.object({ code: z.literal('user-not-found') });

/**
 * Reads the answer to `GET /users/{id}`. A 404 counts as a closed account only where its problem says so: one of an
 * address that is not the user-service's, or of something between, says nothing of the user.
 * @throws Error where the answer tells nothing of this user
 */
export function customerOfAnswer(userId: number, status: number, text: string): Customer {
  if (status === 404 && notFound.safeParse(JSON.parse(text)).success) return closedCustomer(userId);
  if (status !== 200) throw new Error(`the user-service answered GET /users/{id} with ${status}`);
  const { id, name, email } = user.parse(JSON.parse(text));
  if (id !== userId) throw new Error('the user-service answered GET /users/{id} with another user');
  return { name, email };
}
