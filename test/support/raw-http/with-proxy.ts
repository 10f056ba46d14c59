import { createDataPlane } from '#proxy/http/plane.ts';
import type {
  DataPlane,
  DataPlaneOptions,
  ExchangeReport,
  Limits,
  UpstreamOptions,
} from '#proxy/http/seam.ts';
import { connectRaw, type RawClient } from './raw-client.ts';
import { startUpstream, type RecordingUpstream, type UpstreamScript } from './recording-upstream.ts';

export interface ProxyUnderTest {
  readonly plane: DataPlane;
  readonly upstream: RecordingUpstream;
  /** How each exchange ended, in that order. */
  readonly reports: readonly ExchangeReport[];
  /** A new connection to the proxy; closed after the test. */
  connect(): Promise<RawClient>;
  /** Sends one request on a new connection and reads its answer. */
  ask(bytes: string, toMethod?: string): Promise<Awaited<ReturnType<RawClient['response']>>>;
  /** Resolves once the number of reports is reached; rejects after 5 s. */
  reported(count: number): Promise<void>;
}

export interface ProxyOptions extends UpstreamScript {
  readonly limits?: Partial<Limits>;
  readonly upstreamOptions?: Partial<UpstreamOptions>;
  readonly plane?: Partial<DataPlaneOptions>;
}

export const testLimits: Limits = {
  maxHeaderBytes: 16_384,
  maxBodyBytes: 10_000_000,
  headerTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  maxConnections: 1_000,
};

export const testUpstream: Omit<UpstreamOptions, 'url'> = {
  connectTimeoutMs: 1_000,
  headerTimeoutMs: 5_000,
  bodyTimeoutMs: 5_000,
  maxConnections: 10,
  maxWaiting: 10,
};

/** Runs `test` with a proxy before a scripted upstream on connections of their own, and closes all of it. */
export async function withProxy(
  options: ProxyOptions,
  test: (proxy: ProxyUnderTest) => Promise<void>,
): Promise<void> {
  const upstream = await startUpstream(options);
  const reports: ExchangeReport[] = [];
  const clients = new Set<RawClient>();
  const plane = await createDataPlane({
    host: '127.0.0.1',
    port: 0,
    upstreams: { main: { ...testUpstream, url: upstream.url, ...options.upstreamOptions } },
    trustedProxies: [],
    limits: { ...testLimits, ...options.limits },
    decide: () => ({ upstream: 'main', route: 'all', reason: 'test' }),
    onExchange: (report) => reports.push(report),
    ...options.plane,
  }).catch(async (error: unknown) => {
    await upstream.close();
    throw error;
  });
  const connect = async (): Promise<RawClient> => {
    const client = await connectRaw({ port: plane.port });
    clients.add(client);
    client.socket.once('close', () => clients.delete(client));
    return client;
  };
  try {
    await test({
      plane,
      upstream,
      reports,
      connect,
      async ask(bytes, toMethod = bytes.slice(0, bytes.indexOf(' '))) {
        const client = await connect();
        client.send(bytes);
        const response = await client.response(toMethod);
        client.destroy();
        return response;
      },
      async reported(count) {
        for (const deadline = Date.now() + 5_000; reports.length < count;) {
          if (Date.now() > deadline) throw new Error(`${reports.length} of ${count} exchanges were reported`);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
    });
  } finally {
    for (const client of clients) client.destroy();
    await plane.drain(0);
    await upstream.close();
  }
}
