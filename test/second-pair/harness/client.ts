import type { Dispatcher } from 'undici';

export interface Sent {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Paths go out as given, byte for byte. */
export async function send(
  dispatcher: Dispatcher,
  origin: string,
  { method, path, headers = {}, body }: Sent,
): Promise<Answered> {
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await dispatcher.request({
    origin,
    path,
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: content ?? null,
  });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

const told = ['content-type', 'content-length', 'cache-control', 'etag', 'location', 'link'] as const;

/** What two systems with one contract must agree on. */
export function essence({ status, headers, body }: Answered): Record<string, unknown> {
  return { status, headers: Object.fromEntries(told.map((name) => [name, headers[name]])), body };
}
