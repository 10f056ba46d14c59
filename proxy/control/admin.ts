import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { bearerToken } from '#shared/credentials/bearer.ts';
import { sameSecret } from '#shared/credentials/token.ts';
import { problem, problemBody, type Problem } from '#shared/errors/problem.ts';
import type { CertificateFiles } from '#shared/http/certificate.ts';
import { serve, type Served } from '#shared/http/serve.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { MoverStatus } from './mover/mover-status.ts';
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
  /** What `/cutover/status` shows; `undefined` where there is no mover. */
  readonly cutover?: () => readonly MoverStatus[] | undefined;
  /** Makes it speak HTTPS. */
  readonly tls?: CertificateFiles | undefined;
  readonly log: Logger;
}

interface Page {
  readonly open: boolean;
  readonly answer: (options: AdminOptions) => Answer | Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Default application/json. */
  readonly type?: string;
}

const pages: Readonly<Record<string, Page>> = {
  // Alive is what answers at all; whether it should get traffic is /readyz.
  '/healthz': { open: true, answer: () => ({ status: 200, body: { status: 'ok' } }) },
  '/readyz': {
    open: true,
    answer: ({ notReady }) => {
      const reason = notReady();
      return reason === undefined
        ? { status: 200, body: { status: 'ready' } }
        : { status: 503, body: { status: 'not-ready', reason } };
    },
  },
  '/status': {
    open: false,
    answer: async ({ status }) => {
      const shown = await status();
      return shown === undefined
        ? problemAnswer(problem(503, 'starting', 'Nothing serves yet; ask again.'))
        : { status: 200, body: shown };
    },
  },
  '/cutover/status': {
    open: false,
    answer({ cutover }) {
      const copies = cutover?.();
      return copies === undefined
        ? problemAnswer(problem(404, 'no-mover', 'No migration has data here, or the mover runs elsewhere.'))
        : { status: 200, body: { copies } };
    },
  },
};

/** The admin listener: `/healthz`, `/readyz`, `/status`, `/cutover/status`. Reading only; it changes nothing. */
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
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const refused = refusal(request, page, options);
  const { status, body, type } =
    refused === undefined && page !== undefined ? await page.answer(options) : problemAnswer(refused);
  response.writeHead(status, {
    'content-type': type ?? 'application/json',
    'cache-control': 'no-store',
    ...refused?.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
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

function problemAnswer(refused: Problem | undefined): Answer {
  const told = refused ?? problem(404, 'not-found', 'There is nothing at this address.');
  return { status: told.status, body: problemBody(told), type: 'application/problem+json' };
}
