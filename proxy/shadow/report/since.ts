const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };

/**
 * `30m`, `2h`, `7d` back from now, or an ISO 8601 time.
 * @returns milliseconds since 1970; `undefined` where the text is neither, or lies in the future
 */
export function sinceOf(text: string, now: number): number | undefined {
  const back = /^(\d{1,5})([mhd])$/.exec(text);
  if (back !== null) return now - Number(back[1]) * (units[back[2] ?? ''] ?? Number.NaN);
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) || time > now ? undefined : time;
}

export const sinceForm = '30m, 2h, 7d, or a time such as 2026-11-25T10:00Z';
