import type { CredentialRule } from '#proxy/config/shadow-copy.ts';
import { withoutNames } from '#proxy/http/response-parser.ts';

/** Tells a system that this request is a copy: no client waits for the answer. A client's own never comes through. */
export const markerLine = 'banyan-shadow: 1\r\n';

/** What makes an answer depend on what the client already has. A copy asks for the whole. */
export const conditionalHeaders = [
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
] as const;

const conditionalNames: ReadonlySet<string> = new Set(conditionalHeaders);
const credentialNames = ['authorization', 'cookie'] as const;
const requestIdName: ReadonlySet<string> = new Set(['x-request-id']);

export interface LegLines {
  /** Request id of the exchange. */
  readonly id: string;
  /** Is appended to the id, so that each leg has its own in the logs of the systems. */
  readonly suffix: string;
  readonly credentials: CredentialRule;
  readonly conditional: boolean;
}

/**
 * The header lines of a copy: those that the exchange sent, marked, with an id of its own. `traceparent` stays as it is, so
 * that one trace shows both sides.
 * @param lines each with its CR LF
 */
export function legLines(lines: string, options: LegLines): string {
  const { id, suffix, credentials, conditional } = options;
  let kept = lines;
  if (conditional) kept = withoutNames(kept, conditionalNames);
  if (credentials !== 'forward') kept = withCredentials(kept, credentials);
  const own = `x-request-id: ${id}\r\n`;
  kept = kept.endsWith(own) ? kept.slice(0, -own.length) : withoutNames(kept, requestIdName);
  return `${kept}x-request-id: ${id}${suffix}\r\n${markerLine}`;
}

function withCredentials(lines: string, rule: Exclude<CredentialRule, 'forward'>): string {
  const set = rule === 'drop' ? {} : rule.replace;
  let kept = withoutNames(lines, new Set([...credentialNames, ...Object.keys(set)]));
  for (const [name, value] of Object.entries(set)) kept += `${name}: ${value}\r\n`;
  return kept;
}
