import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { loadPeer, serve, upstreamUrl } from './peer.ts';

interface Package {
  readonly createProxyServer: (options: object) => {
    web(request: IncomingMessage, response: ServerResponse): Promise<void>;
  };
}

const { createProxyServer } = await loadPeer<Package>('httpxy');
const proxy = createProxyServer({ target: upstreamUrl, xfwd: true, agent: new Agent({ keepAlive: true }) });
serve((request, response) => {
  proxy.web(request, response).catch(() => void response.writeHead(502).end());
});
