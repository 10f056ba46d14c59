import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Pool } from 'undici';
import { listenError } from '#shared/http/serve.ts';
import { exchange, type ExchangeContext } from './exchange.ts';
import { failureBody, failures } from './failures.ts';
import type { DataPlane, DataPlaneOptions, FailureCode, UpstreamOptions } from './seam.ts';
import { trustedRanges } from './trust.ts';

/**
 * The data plane on Node's own HTTP server and undici's pools.
 * @throws an Error that names the address when the listener cannot open
 */
export async function createDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { limits, host } = options;
  const pools = Object.fromEntries(
    Object.entries(options.upstreams).map(([name, upstream]) => [name, openPool(upstream)]),
  );
  let draining = false;
  let running = 0;
  const context: ExchangeContext = {
    options,
    pools,
    isTrusted: trustedRanges(options.trustedProxies),
    draining: () => draining,
  };
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headerTimeoutMs),
  });
  server.maxConnections = limits.maxConnections;
  server.on('request', (request, response) => {
    running += 1;
    void exchange(request, response, context).finally(() => (running -= 1));
    // One whose head was out before the drain began keeps its connection: it is idle only now.
    response.once('close', () => {
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
  });
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, { connection: 'close' }).end(failureBody('expectation-failed'));
  });
  server.on('connect', (_request, socket) => endWith(socket as Socket, 'method-refused'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    endWith(socket as Socket, clientFailure(error)),
  );
  server.listen({ host, port: options.port });
  await once(server, 'listening').catch((cause: unknown) => {
    throw listenError(cause, { name: 'the proxy', host, port: options.port });
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    running: () => running,
    async drain(withinMs) {
      draining = true;
      const cut = await closeServer(server, withinMs, () => running);
      await Promise.all(Object.values(pools).map((pool) => pool.destroy()));
      return cut;
    },
  };
}

function openPool(upstream: UpstreamOptions): Pool {
  return new Pool(upstream.url, {
    connections: upstream.maxConnections,
    pipelining: 1,
    connect: { timeout: upstream.connectTimeoutMs },
    // Shorter than the five seconds after which Node's own servers close an idle connection.
    keepAliveTimeout: 4_000,
  });
}

async function closeServer(server: Server, withinMs: number, running: () => number): Promise<number> {
  let cut = 0;
  const timer = setTimeout(() => {
    cut = running();
    server.closeAllConnections();
  }, withinMs);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(timer);
  return cut;
}

function clientFailure(error: NodeJS.ErrnoException): FailureCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'client-header-too-large';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'client-timeout';
  return 'client-malformed';
}

/** Answers on the bare socket, where Node has no response object for us. */
function endWith(socket: Socket, code: FailureCode): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = failureBody(code);
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${failures[code].status} ${code}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
