import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { sameSecret } from '#shared/credentials/token.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { ShadowStore } from '#proxy/shadow/report/store.types.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';
import type { CertificateFiles } from '#shared/http/certificate.ts';
import { serve, type Served } from '#shared/http/serve.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { jsonAnswer, problemAnswer, type Page } from './admin-page.ts';
import { shadowPageOf, shadowPages } from './shadow-pages.ts';
import type { Status } from './status.ts';

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  /** Asked for by everything but health and readiness, where one is set. */
  readonly token?: string | undefined;
  /** Why the proxy takes no traffic now; `undefined` where it does. */
  readonly notReady: () => string | undefined;
  /** What `/status` shows; `undefined` while there is nothing to show. */
  readonly status: () => Promise<Status | undefined>;
  /** Where findings of shadowing are, and the configuration that names the targets. */
  readonly shadow?: { readonly store: ShadowStore; readonly config: Config } | undefined;
  /** Makes it speak HTTPS. */
  readonly tls?: CertificateFiles | undefined;
  readonly log: Logger;
}

const pages: Readonly<Record<string, Page>> = {
  // Alive is what answers at all; whether it should get traffic is /readyz.
  '/healthz': { open: true, answer: () => jsonAnswer(200, { status: 'ok' }) },
  '/readyz': {
    open: true,
    answer: ({ notReady }) => {
      const reason = notReady();
      return reason === undefined
        ? jsonAnswer(200, { status: 'ready' })
        : jsonAnswer(503, { status: 'not-ready', reason });
    },
  },
  '/status': {
    open: false,
    answer: async ({ status }) => {
      const shown = await status();
      return shown === undefined
        ? problemAnswer(problem(503, 'starting', 'Nothing serves yet; ask again.'))
        : jsonAnswer(200, shown);
    },
  },
  ...shadowPages,
};

/** The admin listener: `/healthz`, `/readyz`, `/status`, `/shadow/…`. Reading only; it changes nothing. */
export function serveAdmin(options: AdminOptions): Promise<Served> {
  const { host, port, tls, log } = options;
  const listener: RequestListener = (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      log.error({ err: error }, 'the admin port failed');
      response.destroy();
    });
  };
  const onReloadError = (error: Error): void =>
    log.error({ err: error }, 'the changed certificate cannot be used; the last good one stays');
  return serve(listener, {
    name: 'the admin port of the proxy',
    host,
    port,
    tls: tls && { ...tls, onReloadError },
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
): Promise<void> {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  const page = Object.hasOwn(pages, path) ? pages[path] : shadowPageOf(path);
  const refused = refusal(request, page, options);
  const { status, headers, body } =
    page === undefined || refused !== undefined
      ? problemAnswer(refused ?? problem(404, 'not-found', 'There is nothing at this address.'))
      : await page.answer(options, { path, query: new URLSearchParams(query) });
  response.writeHead(status, {
    'content-type': body.type ?? 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  if (request.method === 'HEAD') response.end();
  else if ('json' in body) response.end(`${JSON.stringify(body.json)}\n`);
  else if (typeof body.text === 'string') response.end(body.text);
  else await writeParts(response, body.text);
}

/** As fast as the reader takes them. */
async function writeParts(response: ServerResponse, parts: AsyncIterable<string>): Promise<void> {
  for await (const part of parts) {
    if (response.destroyed) return;
    if (!response.write(part)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

function refusal(
  request: IncomingMessage,
  page: Page | undefined,
  { token }: AdminOptions,
): Problem | undefined {
  if (page === undefined) return problem(404, 'not-found', `There are ${Object.keys(pages).join(', ')}.`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problem(405, 'method-not-allowed', 'Only GET and HEAD are served here.', {
      headers: { allow: 'GET, HEAD' },
    });
  }
  if (page.open || token === undefined) return undefined;
  const given = bearerToken(request.headers.authorization);
  if (given !== undefined && sameSecret(given, token)) return undefined;
  return problem(401, 'not-authenticated', 'Send the admin token as Authorization: Bearer.', {
    headers: { 'www-authenticate': 'Bearer' },
  });
}
