import { once } from 'node:events';
import { connect } from 'node:net';
import { createDataPlane } from '#proxy/http/plane.ts';
import type { DataPlane, DataPlaneOptions, Decide, ExchangeReport } from '#proxy/http/seam.ts';

export interface TestPlane {
  readonly plane: DataPlane;
  readonly url: string;
  /** Every exchange that has ended, in order. */
  readonly reports: ExchangeReport[];
  stop(): Promise<void>;
}

export interface TestPlaneOptions {
  /** URL by name. */
  readonly upstreams: Readonly<Record<string, string>>;
  readonly decide?: Decide;
  readonly limits?: Partial<DataPlaneOptions['limits']>;
  readonly upstream?: Partial<DataPlaneOptions['upstreams'][string]>;
  readonly trustedProxies?: readonly string[];
}

/** A data plane on a free port. Without `decide` everything goes to the first upstream. */
export async function startPlane(options: TestPlaneOptions): Promise<TestPlane> {
  const reports: ExchangeReport[] = [];
  const [first = ''] = Object.keys(options.upstreams);
  const plane = await createDataPlane({
    host: '127.0.0.1',
    port: 0,
    upstreams: Object.fromEntries(
      Object.entries(options.upstreams).map(([name, url]) => [
        name,
        { ...upstreamDefaults, ...options.upstream, url },
      ]),
    ),
    trustedProxies: options.trustedProxies ?? [],
    limits: { ...limitDefaults, ...options.limits },
    decide: options.decide ?? (() => ({ upstream: first, route: 'test', reason: 'test' })),
    onExchange: (report) => reports.push(report),
  });
  return {
    plane,
    url: `http://127.0.0.1:${plane.port}`,
    reports,
    stop: async () => {
      await plane.drain(1_000);
    },
  };
}

const upstreamDefaults = {
  connectTimeoutMs: 1_000,
  headerTimeoutMs: 5_000,
  bodyTimeoutMs: 5_000,
  maxConnections: 16,
  maxWaiting: 64,
};

const limitDefaults = {
  maxHeaderBytes: 16_384,
  maxBodyBytes: 1_048_576,
  headerTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 5_000,
  maxConnections: 1_000,
};

/** Sends bytes on a connection of its own and returns all that comes back until the peer closes. */
export async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return answer;
}
