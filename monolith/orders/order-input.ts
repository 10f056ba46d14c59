import { z } from 'zod';
import { pageFields } from '#monolith/paging.ts';
import { idField, idQueryField } from '#monolith/request-fields.ts';
import { problem } from '#shared/errors/problem.ts';
import { orderStates } from './states.ts';

const visible = /^[\x21-\x7e]{1,128}$/;

export const newOrder = z.strictObject({
  lines: z
    .array(z.strictObject({ productId: idField, quantity: z.int().min(1).max(1_000) }))
    .min(1)
    .max(50),
});

export const paymentInput = z.strictObject({
  method: z.strictObject({
    token: z.string().regex(visible, 'must be 1 to 128 visible ASCII characters'),
  }),
});

/** For what takes no body: none, or an empty object. */
export const nothing = z.strictObject({});

export const orderQuery = z.object({
  ...pageFields,
  state: z.enum(orderStates).optional(),
  userId: idQueryField.optional(),
});

/**
 * @throws Problem 400 `idempotency-key-required`; 422 `validation-failed`
 */
export function idempotencyKeyOf(header: string | undefined): string {
  if (header === undefined) {
    throw problem(
      400,
      'idempotency-key-required',
      'Send an Idempotency-Key header: a value of your own for this order, the same when you try again.',
    );
  }
  if (visible.test(header)) return header;
  throw problem(422, 'validation-failed', 'Some fields are missing or wrong; see "errors".', {
    fields: [{ path: 'header.idempotency-key', message: 'must be 1 to 128 visible ASCII characters' }],
  });
}
