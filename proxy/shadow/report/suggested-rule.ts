import { stringify } from 'yaml';
import { printable } from '#shared/errors/printable.ts';
import type { FindingReport } from './report.types.ts';

const day = 24 * 3_600_000;
const validDays = 30;

type Effect = Readonly<Record<string, unknown>>;

/**
 * YAML for `migrations.<name>.shadow.rules` that makes this finding an expected one, or compares its place more gently
 * where all samples fit. Owner and reason are left empty, which `banyan check` refuses, so that nobody pastes it unread.
 * @param now milliseconds since 1970; the rule expires 30 days later
 */
export function suggestedRule(finding: FindingReport, now: number): string {
  const rule = {
    routes: [finding.route],
    ...placeOf(finding),
    ...effectOf(finding),
    owner: '',
    reason: '',
    expires: new Date(now + validDays * day).toISOString().slice(0, 10),
  };
  const yaml = safeYaml(rule)
    .replace(/^( +owner: ).*$/m, "$1'' # who answers for it")
    .replace(/^( +reason: ).*$/m, "$1'' # why the difference is right, or does not matter");
  return `# under migrations.${finding.migration}.shadow.rules\n${yaml}`;
}

/** A path with characters that can't be seen, or steer a terminal, is written with escapes, which need double quotes. */
function safeYaml(rule: Effect): string {
  const plain = stringify([rule], { lineWidth: 0, singleQuote: true });
  const isPlain = plain.split('\n').every((line) => printable(line) === line);
  if (isPlain) return plain;
  const quoted = stringify([rule], {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  });
  return quoted.split('\n').map(printable).join('\n');
}

function placeOf({ place, path }: FindingReport): Effect {
  if (place === 'status') return { status: true };
  return place === 'header' ? { header: path } : { path };
}

function effectOf(finding: FindingReport): Effect {
  if (finding.place === 'body' && finding.kind === 'order') return { unordered: true };
  const pairs = finding.samples.map(({ primary, shadow }) => [valueOf(primary), valueOf(shadow)] as const);
  const gentle = pairs.length === 0 || finding.place !== 'body' ? undefined : gentleEffect(pairs);
  return gentle ?? { kinds: [finding.kind], expect: true };
}

type Values = readonly (readonly [unknown, unknown])[];

/** The first that makes all samples equal. */
function gentleEffect(pairs: Values): Effect | undefined {
  const all = (fits: (a: unknown, b: unknown) => boolean): boolean => pairs.every(([a, b]) => fits(a, b));
  if (all((a, b) => isText(a) && isText(b) && a.toLowerCase() === b.toLowerCase()))
    return { normalise: 'lowercase' };
  if (all((a, b) => isText(a) && isText(b) && a.trim() === b.trim())) return { normalise: 'trim' };
  if (all((a, b) => (a ?? null) === null && (b ?? null) === null)) return { normalise: 'null-is-missing' };
  if (all((a, b) => isScalar(a) && isScalar(b) && String(a) === String(b)))
    return { normalise: 'scalar-text' };
  if (all((a, b) => isText(a) && isText(b) && isTime(a) && isTime(b))) {
    const apart = Math.max(...pairs.map(([a, b]) => Math.abs(Date.parse(String(a)) - Date.parse(String(b)))));
    if (apart === 0) return { normalise: 'iso-instant' };
    if (apart <= 60_000) return { timeTolerance: `${Math.ceil(apart / 1_000)}s` };
  }
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isScalar(value: unknown): boolean {
  return isText(value) || typeof value === 'number' || typeof value === 'boolean';
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The JSON value of a sample, or its text where it is none (a header, or cut). */
function valueOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
