import { expect } from '@jest/globals';
import { withProxy, type ProxyOptions } from './with-proxy.ts';

export interface Payload {
  readonly name: string;
  readonly bytes: string;
}

/** One upstream connection only, so that a second request must use the one that the payload used. */
const oneConnection: ProxyOptions = { upstreamOptions: { maxConnections: 1 } };

/**
 * The payload is answered with `status` and the connection closes, not one byte reaches the upstream, and a clean
 * request afterwards gets its own answer.
 */
export async function expectRefused(
  payload: Payload,
  status: number | readonly number[],
  options: ProxyOptions = {},
): Promise<void> {
  await withProxy({ ...oneConnection, ...options }, async (proxy) => {
    const client = await proxy.connect();
    client.send(payload.bytes);
    const answer = await client.response(payload.bytes.startsWith('HEAD') ? 'HEAD' : 'GET');
    expect([status].flat()).toContain(answer.status);
    expect(answer.all('connection')).toEqual(['close']);
    expect(await client.closed).toBe('ended');
    expect(client.unread()).toBe('');
    expect(proxy.upstream.bytes()).toBe('');
    await expectClean(proxy);
  });
}

export interface ExpectedRequest {
  readonly method: string;
  readonly target: string;
  readonly body?: string;
  readonly chunked?: boolean;
}

/** The upstream's own parse yields exactly this request, the client its own answer, and the next request its own too. */
export async function expectForwarded(
  payload: Payload,
  expected: ExpectedRequest,
  options: ProxyOptions = {},
): Promise<void> {
  await withProxy({ ...oneConnection, ...options }, async (proxy) => {
    const client = await proxy.connect();
    client.send(payload.bytes);
    const { method, target, body = '', chunked = false } = expected;
    const answer = await client.response(method);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe(method === 'HEAD' ? '' : `${method} ${target} ${body}`);
    const [connection] = proxy.upstream.connections;
    expect(connection?.error).toBeUndefined();
    expect(proxy.upstream.requests).toHaveLength(1);
    expect(proxy.upstream.requests[0]).toMatchObject({ method, target, body, chunked });
    await expectClean(proxy);
    expect(proxy.upstream.requests).toHaveLength(2);
    expect(proxy.upstream.connections).toHaveLength(1);
  });
}

/** A clean request over the same upstream connection gets its own body. */
export async function expectClean(proxy: Parameters<Parameters<typeof withProxy>[1]>[0]): Promise<void> {
  const answer = await proxy.ask('GET /clean?mark=17 HTTP/1.1\r\nHost: a.example\r\n\r\n');
  expect(answer.body).toBe('GET /clean?mark=17 ');
}
