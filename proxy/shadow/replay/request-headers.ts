import type { HeaderLines } from '#proxy/http/seam.ts';

export interface HeaderChoice {
  /** Added to each request, in place of a recorded one of the same name. Names in lower case. */
  readonly added: HeaderLines;
  /** Whether recorded credentials go along. */
  readonly sendCredentials: boolean;
}

const credentials: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
]);
/** The connection's own, conditions on a cached answer, and what the client for the new request writes itself. */
const dropped =
  /^(?::.*|host|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|content-length|expect|if-.*|range)$/;
const name = /^[\w!#$%&'*+.^`|~-]{1,128}$/;
/** RFC 9110, 5.5. */
const value = /^[\t\x20-\x7e\x80-\xff]{0,16384}$/;

/** What of a recorded request's headers is sent. */
export function requestHeaders(
  recorded: HeaderLines,
  { added, sendCredentials }: HeaderChoice,
): { readonly headers: HeaderLines; readonly hadCredentials: boolean } {
  const replaced = new Set(added.map(([header]) => header));
  const usable = recorded.filter(
    ([header, text]) =>
      name.test(header) && value.test(text) && !dropped.test(header) && !replaced.has(header),
  );
  const kept = sendCredentials ? usable : usable.filter(([header]) => !credentials.has(header));
  return { headers: [...kept, ...added], hadCredentials: kept.length < usable.length };
}
