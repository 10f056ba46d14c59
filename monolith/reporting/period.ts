import { z } from 'zod';

const dayMs = 24 * 60 * 60 * 1_000;
const defaultDays = 30;
const maxDays = 366;

/** Whole days in UTC, as `YYYY-MM-DD`. */
export interface Period {
  readonly from: string;
  /** The first day that is no longer in it. */
  readonly to: string;
}

/**
 * The query fields `from` and `to`: by default the last 30 days with today, at most 366 days. One of the two alone
 * leaves the other at 30 days before, or at the end of today.
 */
export function periodFields(now: () => Date) {
  const day = z.iso.date('must be a day as YYYY-MM-DD').optional();
  return {
    fields: { from: day, to: day },
    check: (
      given: { from?: string | undefined; to?: string | undefined },
      context: z.RefinementCtx,
    ): Period => {
      const to = given.to ?? dayOf(now().getTime() + dayMs);
      const from = given.from ?? dayOf(Date.parse(to) - defaultDays * dayMs);
      const days = (Date.parse(to) - Date.parse(from)) / dayMs;
      if (days >= 1 && days <= maxDays) return { from, to };
      context.addIssue({
        code: 'custom',
        path: [given.from === undefined ? 'to' : 'from'],
        message: `must be 1 to ${maxDays} days before "to"`,
      });
      return z.NEVER;
    },
  };
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
