import { printable } from '#shared/errors/printable.ts';
import type { FindingSample } from '../delta.types.ts';

/** What the two sides are called and where they are. */
export interface ReplayTargets {
  readonly primary: ReplayTarget;
  readonly shadow: ReplayTarget;
}

export interface ReplayTarget {
  readonly name: string;
  /** `http://host:port` */
  readonly url: string;
}

/**
 * Two curl commands, one for each side, for a POSIX shell. Secrets are not in them: a header that holds one takes it from
 * a variable of the shell. Nothing of the sample can leave its quotes.
 * @returns `undefined` where the request cannot be sent again: it may change something, and its body is not kept
 */
export function replayCommand(
  { request }: Pick<FindingSample, 'request'>,
  targets: ReplayTargets,
): string | undefined {
  const { method, target, headers } = request;
  if (!safeMethods.has(method) || !target.startsWith('/')) return undefined;
  const lines = [...new Set(headers.flatMap(([name, value]) => headerLine(name, value)))];
  const command = ({ name, url }: ReplayTarget): string =>
    [
      `# ${printable(name)}`,
      [
        `curl --silent --show-error --include --globoff --path-as-is${method === 'HEAD' ? ' --head' : ''}`,
        ...(method === 'OPTIONS' ? [`--request OPTIONS`] : []),
        ...lines,
        quoted(url.replace(/\/$/, '') + maskedTarget(target)),
      ].join(' \\\n  '),
    ].join('\n');
  return `${command(targets.primary)}\n${command(targets.shadow)}\n`;
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What curl says itself, and what belonged to the connection. */
const dropped: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'accept-encoding',
]);

const secretHeader =
  /^(?:cookie|(?:proxy-)?authorization)$|token|secret|api-?key|session|signature|password/i;
const secretParameter = /token|secret|password|passwd|api_?-?key|signature|^sig$|^code$|session|auth/i;
/** RFC 9110, 5.6.2. Also keeps out what curl would read as a file name: `@…`. */
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

function headerLine(name: string, value: string): string[] {
  const lower = name.toLowerCase();
  if (!headerName.test(name) || dropped.has(lower)) return [];
  if (secretHeader.test(lower) || /redacted/i.test(value)) {
    const variable = lower.replaceAll(/\W/g, '_').toUpperCase();
    return [`--header ${quoted(`${lower}: `)}"\${${variable}:?is masked; set it first}"`];
  }
  return [`--header ${quoted(`${lower}: ${printable(value)}`)}`];
}

/** Values of query parameters that look like secrets are replaced; the rest stays as it was sent. */
export function maskedTarget(target: string): string {
  const query = target.indexOf('?');
  const shown = query === -1 ? target : target.slice(0, query + 1) + maskedQuery(target.slice(query + 1));
  return printable(shown);
}

function maskedQuery(query: string): string {
  return query
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      return secretParameter.test(name) && pair.length > name.length + 1 ? `${name}=MASKED` : pair;
    })
    .join('&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
