import { Pool } from 'undici';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Bearer credentials; without them the request carries none. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Response {
  readonly status: number;
  readonly contentType: string;
  /** Parsed where the content type is JSON, text otherwise, `undefined` for an empty body. */
  readonly body: unknown;
  /** The proxy's mark of the caller's own write, if it was one: what a browser would keep as a cookie. */
  readonly seen?: string | undefined;
}

export interface Client {
  /** @throws whatever undici does: no connection, time-out, broken answer */
  send(request: Request): Promise<Response>;
  close(): Promise<void>;
}

export interface ClientOptions {
  /** `http://host:port` of the proxy. */
  readonly url: string;
  readonly connections: number;
  /** For the head of the answer, and again between parts of its body. Milliseconds. */
  readonly timeoutMs: number;
}

const largestBodyBytes = 4 * 1024 * 1024;

/** HTTP/1.1 with kept-alive connections. Nothing is tried again: a user would have seen the error. */
export function createClient({ url, connections, timeoutMs }: ClientOptions): Client {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: largestBodyBytes,
  });
  return {
    async send({ method, path, body, token, headers }) {
      const answer = await pool.request({
        method,
        path,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const contentType = String(answer.headers['content-type'] ?? '');
      const seen = answer.headers['banyan-seen'];
      return {
        status: answer.statusCode,
        contentType,
        body: parsed(text, contentType),
        seen: seen === undefined ? undefined : String(seen),
      };
    },
    close: () => pool.destroy(),
  };
}

function parsed(text: string, contentType: string): unknown {
  if (text === '') return undefined;
  if (!/^application\/([\w.]+\+)?json\b/.test(contentType)) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Shown as what it is: the check of its shape fails then, and says so.
    return text;
  }
}
