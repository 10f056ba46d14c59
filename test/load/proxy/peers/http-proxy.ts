import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { loadPeer, serve, upstreamUrl } from './peer.ts';

interface Package {
  readonly createProxyServer: (options: object) => {
    web(request: IncomingMessage, response: ServerResponse): void;
    on(event: 'error', listener: (error: Error, request: unknown, response: ServerResponse) => void): void;
  };
}

const loaded = await loadPeer<Package & { readonly default?: Package }>('http-proxy');
const proxy = (loaded.default ?? loaded).createProxyServer({
  target: upstreamUrl,
  xfwd: true,
  // Its default is a new connection to the upstream for each request.
  agent: new Agent({ keepAlive: true }),
});
proxy.on('error', (_error, _request, response) => void response.writeHead(502).end());
serve((request, response) => proxy.web(request, response));
