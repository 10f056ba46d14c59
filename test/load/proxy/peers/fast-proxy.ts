import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadPeer, serve, upstreamUrl } from './peer.ts';

interface Package {
  readonly default: (options: object) => {
    readonly proxy: (
      request: IncomingMessage,
      response: ServerResponse,
      url: string | undefined,
      options: object,
    ) => void;
  };
}

const { default: fastProxy } = await loadPeer<Package>('fast-proxy');
// `undici` is its faster way.
const { proxy } = fastProxy({ base: upstreamUrl, undici: { pipelining: 1 } });
serve((request, response) => proxy(request, response, request.url, {}));
