import { z } from 'zod';

const hour = 3_600_000;
const longestDays = 366;

/** `12h`, `7d` → milliseconds, 1 h to 366 days. */
export const retention = z
  .string('must be a number of hours or days, e.g. 12h or 7d')
  .regex(/^\d{1,5}[hd]$/, 'must be a number of hours or days, e.g. 12h or 7d')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('d') ? 24 * hour : hour))
  .refine((ms) => ms >= hour && ms <= longestDays * 24 * hour, `must lie between 1h and ${longestDays}d`);
