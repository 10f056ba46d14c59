import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from '#shared/telemetry/log.ts';
import { largestBody, queryOf } from '../contract/address.ts';
import { parseJson } from '../contract/entry.ts';
import { fault, faultBody, faults, isFault } from '../contract/faults.ts';

export interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly query: Readonly<Record<string, string>>;
  /** Value of a parameter of the path, decoded. */
  readonly parameter: (name: string) => string;
  readonly body: () => Promise<unknown>;
}

/** `json`, or a text with its type, or nothing. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: { readonly type: string; readonly content: string };
}

/** By `METHOD /path/:parameter`. */
export type Places = Readonly<Record<string, (call: Call) => Promise<Answer>>>;

/** Takes paths in any case, and a slash at their end. HEAD is GET; Node leaves the body out. */
export function route(places: Places, log: Logger): RequestListener {
  const compiled = Object.entries(places).map(([place, answer]) => {
    const [method = '', path = ''] = place.split(' ');
    const pattern = new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`, 'i');
    return { method, pattern, answer };
  });

  const find = async (request: IncomingMessage): Promise<Answer> => {
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') throw fault('encoded-body');
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const path = request.url?.split('?')[0] ?? '/';
    for (const place of compiled) {
      const match = place.method === method ? place.pattern.exec(path) : null;
      if (match === null) continue;
      const parameter = (name: string): string => decoded(match.groups?.[name] ?? '');
      return place.answer({
        headers: request.headers,
        query: queryOf(request.url),
        parameter,
        body: async () => parseJson(await bodyOf(request)),
      });
    }
    throw fault('no-such-place');
  };

  return (request, response) => {
    find(request)
      .catch((error: unknown) => {
        const told = isFault(error) ? error : fault('internal');
        if (told.word === 'internal') log.error({ err: error, path: request.url }, 'request failed');
        return { status: faults[told.word].status, json: faultBody(told) } satisfies Answer;
      })
      .then((answer) => write(response, answer))
      .catch((error: unknown) => response.destroy(Error.isError(error) ? error : undefined));
  };
}

function write(response: ServerResponse, { status, headers = {}, json, text }: Answer): void {
  const body =
    text ?? (json === undefined ? undefined : { type: 'application/json', content: JSON.stringify(json) });
  response.statusCode = status;
  response.setHeaders(new Map(Object.entries({ 'Cache-Control': 'private, no-cache', ...headers })));
  if (body !== undefined) {
    response.setHeader('Content-Type', `${body.type}; charset=utf-8`);
    response.setHeader('Content-Length', Buffer.byteLength(body.content));
  }
  response.end(body?.content);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw fault('bad-address');
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // What is too much is read and dropped, so that the connection can go on.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= largestBody) chunks.push(chunk);
  }
  if (length > largestBody) throw fault('body-too-large');
  return Buffer.concat(chunks).toString('utf8');
}
