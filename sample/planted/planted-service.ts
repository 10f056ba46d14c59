import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { plantedOn, type PlantedAnswer } from './differences.ts';

// The user-service has no switch for mistakes. A build of it with mistakes is this, in front of the real one.

export interface PlantedService {
  readonly listener: RequestListener;
  close(): Promise<void>;
}

const ofTheConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'expect',
  'upgrade',
  'te',
  'trailer',
]);

/** The user-service at `url`, with planted differences in its answers. What none is planted in goes through as it is. */
export function createPlantedService(url: string): PlantedService {
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  return {
    listener: (request, response) => {
      pass(pool, request, response).catch(() => {
        if (response.headersSent) response.destroy();
        else response.writeHead(502).end();
      });
    },
    close: () => pool.destroy(),
  };
}

async function pass(pool: Pool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const hasBody =
    request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const answer = await pool.request({
    method,
    path: url,
    headers: withoutConnection(request.headers),
    body: hasBody ? request : null,
  });
  const body = Buffer.from(await answer.body.arrayBuffer());
  const headers = withoutConnection(answer.headers);
  const planted = method === 'GET' && answer.statusCode === 200 ? plantedOn(url.split('?', 1)[0] ?? url) : [];
  const sent = planted.length === 0 ? body : altered({ headers, body }, planted);
  const { 'content-length': told } = answer.headers;
  // A HEAD says how long the body would be and has none; a 204 says nothing.
  const length = body.length === 0 ? told : sent.length;
  response.writeHead(answer.statusCode, {
    ...headers,
    ...(length === undefined ? {} : { 'content-length': String(length) }),
  });
  response.end(sent);
}

function altered(
  { headers, body }: { readonly headers: PlantedAnswer['headers']; readonly body: Buffer },
  planted: ReturnType<typeof plantedOn>,
): Buffer {
  const parsed = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  for (const { alter } of planted) alter({ headers, body: parsed });
  return Buffer.from(JSON.stringify(parsed));
}

function withoutConnection(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[] | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheConnection.has(name)));
}
