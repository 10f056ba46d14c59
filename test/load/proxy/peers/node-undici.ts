import type { ServerResponse } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import { serve, upstreamUrl } from './peer.ts';

/** Headers of one hop (RFC 9110, 7.6.1), and the one that is written anew. */
const dropped = new Set(
  'connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect x-forwarded-for'.split(
    ' ',
  ),
);

/** What can be had of Node's own HTTP server and undici's pool, with undici's cheapest interface: no stream for an answer. */
const pool = new Pool(upstreamUrl, { pipelining: 1, keepAliveTimeout: 4_000 });

function kept(raw: readonly (string | Buffer)[]): string[] {
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = String(raw[index]);
    if (!dropped.has(name.toLowerCase())) headers.push(name, String(raw[index + 1]));
  }
  return headers;
}

function answering(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      response.once('close', () => {
        if (!response.writableFinished) controller.abort(new Error('the client left'));
      });
      response.on('drain', () => controller.resume());
    },
    onResponseStart(controller, status) {
      const raw = controller.rawHeaders;
      response.writeHead(status, kept(Array.isArray(raw) ? raw : []));
    },
    onResponseData(controller, chunk) {
      if (!response.write(chunk)) controller.pause();
    },
    onResponseEnd: () => void response.end(),
    onResponseError() {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    },
  };
}

serve((request, response) => {
  const { method = 'GET', url = '/', headers } = request;
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  const sent = kept(request.rawHeaders);
  const before = headers['x-forwarded-for'];
  const address = request.socket.remoteAddress ?? '';
  sent.push('x-forwarded-for', before === undefined ? address : `${String(before)}, ${address}`);
  pool.dispatch({ path: url, method, headers: sent, body: hasBody ? request : null }, answering(response));
});
