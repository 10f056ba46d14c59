const groups = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1,234,567` */
export function whole(value: number): string {
  return groups.format(value);
}

/** Milliseconds with as many decimals as say something: `0.42 ms`, `7.3 ms`, `128 ms`. */
export function milliseconds(value: number): string {
  if (value === 0) return '–';
  const decimals = value < 1 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(decimals)} ms`;
}

export function perSecond(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)}/s`;
}

export function percent(value: number): string {
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `25 %`, `0 % to 25 %` */
export function shareText({ least, most }: { readonly least: number; readonly most: number }): string {
  return least === most ? percent(least) : `${percent(least)} to ${percent(most)}`;
}

/** `01:02:03` */
export function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return [seconds / 3_600, (seconds / 60) % 60, seconds % 60].map(two).join(':');
}

/** How many of `cells` are filled; any part above 0 shows at least one, and all only when nothing is left out. */
export function filledCells(part: number, cells: number): number {
  if (part <= 0 || cells <= 0) return 0;
  if (part >= 1) return cells;
  return Math.min(cells - 1, Math.max(1, Math.round(part * cells)));
}
