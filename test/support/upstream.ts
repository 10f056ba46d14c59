import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve, type Served } from '#shared/http/serve.ts';

/** One request as an upstream received it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  /** `[name, value, name, value, …]` in the order received. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Upstream extends Served {
  readonly received: Received[];
}

export type Answer = (request: Received, response: ServerResponse) => void;

/** A real HTTP server that keeps what it got. Without `answer` it says 200 and its name. */
export async function startUpstream(name: string, answer?: Answer): Promise<Upstream> {
  const received: Received[] = [];
  const served = await serve(
    (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', rawHeaders, headers } = request;
        const entry = { method, url, rawHeaders, headers, body: Buffer.concat(chunks).toString('utf8') };
        received.push(entry);
        if (answer === undefined)
          response.setHeader('content-type', 'application/json').end(JSON.stringify({ from: name }));
        else answer(entry, response);
      });
    },
    { name },
  );
  return { ...served, received };
}
