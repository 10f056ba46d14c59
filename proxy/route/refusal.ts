import type { Side } from '#flags/stages.ts';

/** What an upstream's 421 says. */
export interface SaidRefusal {
  readonly group: string;
  readonly bucket: number;
  readonly owner: Side | undefined;
  readonly epoch: number;
}

const forms = {
  'banyan-group': /^[a-z][a-z0-9-]{0,62}$/,
  'banyan-bucket': /^(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])$/,
  'banyan-epoch': /^\d{1,15}$/,
  'banyan-owner': /^(?:monolith|service)$/,
} as const;

/**
 * Reads the headers of a 421 (docs/migration/not-owner.md).
 * @param lines header lines, each with its CR LF
 * @returns `undefined` where one is missing, malformed or given twice: an upstream is not believed half
 */
export function readRefusal(lines: string): SaidRefusal | undefined {
  const said = new Map<string, string>();
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (!Object.hasOwn(forms, name)) continue;
    const value = line.slice(colon + 1).trim();
    if (said.has(name) || !forms[name as keyof typeof forms].test(value)) return undefined;
    said.set(name, value);
  }
  const group = said.get('banyan-group');
  const bucket = said.get('banyan-bucket');
  const epoch = said.get('banyan-epoch');
  if (group === undefined || bucket === undefined || epoch === undefined) return undefined;
  const owner = said.get('banyan-owner') as Side | undefined;
  return { group, bucket: Number(bucket), owner, epoch: Number(epoch) };
}
