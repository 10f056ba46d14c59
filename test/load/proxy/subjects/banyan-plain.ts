import { createDataPlane } from '#proxy/http/plane.ts';
import type { Decision } from '#proxy/http/seam.ts';

// The data plane by itself: one upstream, one decision, nothing counted.
const [listen, upstream] = process.argv.slice(2, 4).map(Number);
const decision: Decision = { upstream: 'only', route: 'all', reason: 'constant' };
await createDataPlane({
  host: '127.0.0.1',
  port: listen ?? 0,
  upstreams: {
    only: {
      url: `http://127.0.0.1:${upstream}`,
      connectTimeoutMs: 2_000,
      headerTimeoutMs: 30_000,
      bodyTimeoutMs: 30_000,
      maxConnections: 4_096,
      maxWaiting: 4_096,
    },
  },
  trustedProxies: ['127.0.0.0/8'],
  limits: {
    maxHeaderBytes: 16_384,
    maxBodyBytes: 10 * 1_048_576,
    headerTimeoutMs: 10_000,
    requestTimeoutMs: 60_000,
    idleTimeoutMs: 65_000,
    maxConnections: 10_000,
  },
  decide: () => decision,
  onExchange: () => {},
});
process.on('SIGTERM', () => process.exit(0));
