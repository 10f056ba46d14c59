import { nothing, smallPayload } from './payload.ts';

export type Method = 'GET' | 'POST';

/** One request as it goes out, and what must come back. */
export interface PreparedRequest {
  /** Stands in the path, and in the answer's `x-item`: an answer that belongs to another request is seen. */
  readonly item: string;
  readonly head: Buffer;
  readonly body: Buffer;
  readonly answer: Buffer;
}

/** So many that remembering what was decided for a key helps a proxy as much as it would in earnest: not for all of them. */
const items = 20_000;

/**
 * The requests of a case, as a gateway would send them: each for another item, so that keys fall on both sides of a
 * share; every hundredth with a sampled `traceparent`.
 */
export function prepareRequests(options: {
  readonly method: Method;
  readonly body: Buffer;
  readonly keepAlive: boolean;
}): readonly PreparedRequest[] {
  const { method, body, keepAlive } = options;
  const sent = method === 'POST' ? body : nothing;
  return Array.from({ length: items }, (_none, index) => {
    const item = String(index).padStart(8, '0');
    const trace = `00-4bf92f3577b34da6a3ce929d${item}-00f067aa0ba902b7-${index % 100 === 0 ? '01' : '00'}`;
    const head =
      `${method} /items/${item} HTTP/1.1\r\nhost: api.example.com\r\nuser-agent: gateway/3.9\r\n` +
      'accept: application/json\r\naccept-encoding: gzip\r\nx-forwarded-for: 198.51.100.7\r\n' +
      `x-consumer-id: ${item}\r\ntraceparent: ${trace}\r\n` +
      (method === 'POST' ? `content-type: application/json\r\ncontent-length: ${sent.length}\r\n` : '') +
      `connection: ${keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`;
    const small = sent.length <= smallPayload.length;
    const bytes = Buffer.from(head, 'latin1');
    return {
      item,
      head: small ? Buffer.concat([bytes, sent]) : bytes,
      body: small ? nothing : sent,
      answer: method === 'POST' ? smallPayload : body,
    };
  });
}
