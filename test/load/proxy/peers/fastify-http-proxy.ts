import { backlog, endWhenTold, loadPeer, ports, upstreamUrl } from './peer.ts';

interface Fastify {
  register(plugin: unknown, options: object): void;
  listen(options: object): Promise<string>;
}

const { default: fastify } = await loadPeer<{ readonly default: (options: object) => Fastify }>('fastify');
const { default: plugin } = await loadPeer<{ readonly default: unknown }>('@fastify/http-proxy');
const app = fastify({ bodyLimit: 10 * 1_048_576 });
app.register(plugin, { upstream: upstreamUrl, undici: { connections: null, pipelining: 1 } });
await app.listen({ host: '127.0.0.1', port: ports.listen, backlog });
endWhenTold();
