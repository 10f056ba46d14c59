import { z } from 'zod';
import { duration } from './values.ts';

/** Milliseconds. */
const usualWithinMs = 1_000;
const longestWithinMs = 10_000;

/** `migrations.*.data.acknowledge` */
export const acknowledge = z
  .enum(['async', 'both'], 'must be async or both')
  .default('async')
  .describe(
    'When a write is answered. async: when the owner has it. both: when the other side has it too, or acknowledgeWithin is past; the header Banyan-Acknowledged says which. Needs `banyan run`, whose mover knows how far the copy is. Default async.',
  );

/** `migrations.*.data.acknowledgeWithin` */
export const acknowledgeWithin = duration
  .refine((ms) => ms <= longestWithinMs, 'must be at most 10s: clients wait for so long')
  .optional()
  .describe('How long an answer is held for `acknowledge: both`, 10s at most. Default 1s.');

/** How long answers to writes are held until both sides have them, in milliseconds; `undefined`: not at all. */
export function heldWithinMs(
  data:
    | { readonly acknowledge: 'async' | 'both'; readonly acknowledgeWithin?: number | undefined }
    | undefined,
): number | undefined {
  return data?.acknowledge === 'both' ? (data.acknowledgeWithin ?? usualWithinMs) : undefined;
}
