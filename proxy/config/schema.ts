import { z } from 'zod';
import { data } from './data.ts';
import { ownershipOfProcess } from './ownership.ts';
import { keySource, routeMatch } from './route-fields.ts';
import { migrationShadow, shadowOfProcess } from './shadow.ts';
import { shadowRoute } from './shadow-copy.ts';
import { stayingRoutes } from './staying.ts';
import {
  bearerSecret,
  cidr,
  count,
  duration,
  file,
  flagKey,
  fraction,
  host,
  name,
  port,
  sdkKey,
  secret,
  size,
  targetUrl,
} from './values.ts';
import { state } from './state.ts';

// The whole of `banyan.yaml`. What a field means is told here once: the text goes into the JSON Schema for editors.

export const routeSchema = z
  .strictObject({
    name: name.describe('Stands in metrics, logs and the admin API.'),
    match: routeMatch,
    kind: z
      .enum(['read', 'write'], 'must be read or write')
      .optional()
      .describe(
        'Default: GET and HEAD read, all others write. A POST that only looks something up is a read.',
      ),
    key: keySource.optional(),
    readFlag: flagKey
      .optional()
      .describe(
        'Boolean flag that gives the share of reads for the service while the stage is `shadow`. None: monolith.',
      ),
    websocket: z
      .boolean()
      .default(false)
      .describe(
        'Whether it may become a WebSocket tunnel. Default false: the handshake goes as a plain GET.',
      ),
    shadow: shadowRoute.optional().describe('What this route does otherwise than its migration.'),
  })
  .describe('One route of the domain.');

export const migrationSchema = z.strictObject({
  monolith: name.describe('Target that the domain leaves.'),
  service: name.describe('Target that takes the domain over.'),
  migrationFlag: flagKey.describe('Flag with the stages off, dualwrite, shadow, live, rampdown, complete.'),
  killSwitch: flagKey
    .optional()
    .describe(
      'Boolean flag; true takes all reads to the monolith while it still has the data (up to `rampdown`).',
    ),
  shadow: migrationShadow,
  routes: z.array(routeSchema).min(1, 'must list at least one route'),
  data: data.optional(),
});

const certificate = z
  .strictObject({
    certFile: file.describe('PEM, the whole chain, relative to this file. Read again when it changes.'),
    keyFile: file,
  })
  .describe('Makes the listener speak TLS.');

export const targetSchema = z.strictObject({
  url: targetUrl.describe('http://host:port or https://host:port'),
  moreUrls: z
    .array(targetUrl)
    .default([])
    .describe('Further addresses of the same system. Requests go to the least busy one that is in.'),
  tls: z
    .strictObject({
      caFile: file
        .optional()
        .describe('PEM of the authority that signed its certificate. Default: the public ones.'),
      certFile: file.optional().describe('Client certificate, where the system asks for one.'),
      keyFile: file.optional(),
      servername: host.optional().describe('Name in its certificate, where it is not the host of the URL.'),
    })
    .optional()
    .describe('For https. The certificate is always verified.'),
  connectTimeout: duration.default(2_000).describe('Until the connection stands. Default 2s.'),
  headerTimeout: duration
    .default(30_000)
    .describe('From the sent request to the head of the answer. Default 30s.'),
  bodyTimeout: duration.default(30_000).describe('Without a byte of the body. Default 30s.'),
  idleTimeout: duration
    .default(4_000)
    .describe(
      'How long an unused connection is kept. Less than the system keeps it, or requests meet a closing one. Default 4s.',
    ),
  maxConnections: count(1, 65_535).default(256).describe('Open connections at most. Default 256.'),
  maxWaiting: count(0, 1_000_000)
    .default(1_024)
    .describe('Requests that wait for one; more get 503. Default 1024.'),
  breaker: z
    .strictObject({
      failures: count(1, 1_000).default(10).describe('In a row, at one address. Default 10.'),
      outFor: duration.default(1_000).describe('Then it gets one request to try it. Default 1s.'),
    })
    .prefault({})
    .describe('Takes an address out that fails.'),
});

const limits = z.strictObject({
  maxHeaderBytes: size.default(16 * 1_024).describe('Request line and headers; more is 431. Default 16KiB.'),
  maxBodyBytes: size.default(10 * 1_048_576).describe('Request body; more is 413. Default 10MiB.'),
  headerTimeout: duration.default(10_000).describe('For a whole head; later is 408. Default 10s.'),
  requestTimeout: duration.default(60_000).describe('For a whole request; later is 408. Default 1m.'),
  idleTimeout: duration.default(65_000).describe('Between requests on a connection. Default 65s.'),
  maxHeaderFields: count(1, 10_000)
    .default(100)
    .describe('Header fields of a request; more is 431. Default 100.'),
  maxConnections: count(1, 1_000_000)
    .default(10_000)
    .describe('Client connections at most, shared out over the workers. Default 10000.'),
  maxConnectionsPerClient: count(1, 1_000_000)
    .optional()
    .describe(
      'From one address, in one worker. Default: no limit of its own, since the gateway is one address.',
    ),
  sendTimeout: duration
    .default(30_000)
    .describe('For a client to take what is ready; then it is cut. Default 30s.'),
  tunnelIdleTimeout: duration
    .default(3_600_000)
    .describe('A WebSocket tunnel silent both ways is closed. Default 1h.'),
});

const flags = z.discriminatedUnion(
  'source',
  [
    z.strictObject({
      source: z.literal('file'),
      path: z
        .string()
        .min(1)
        .describe('Flag file in LaunchDarkly’s format, relative to this file. Hot: a change counts at once.'),
    }),
    z.strictObject({
      source: z.literal('launchdarkly'),
      sdkKey: sdkKey.describe('Server-side SDK key; write ${LAUNCHDARKLY_SDK_KEY}.'),
      baseUri: z.url().optional().describe('Relay proxy or private instance.'),
      streamUri: z.url().optional(),
      eventsUri: z.url().optional(),
      sendEvents: z.boolean().default(true).describe('Evaluation counts to LaunchDarkly. Default true.'),
    }),
  ],
  'must have source: file (with path) or source: launchdarkly (with sdkKey)',
);

export const listenSchema = z.strictObject({
  host: host.default('127.0.0.1'),
  port: port.default(8080),
  tls: certificate.optional(),
});

export const adminSchema = z.strictObject({
  host: host.default('127.0.0.1').describe('Anything but loopback needs `token`. Default 127.0.0.1.'),
  port: port.default(8081),
  token: bearerSecret.optional().describe('Bearer token for everything but /healthz and /readyz.'),
  tls: certificate.optional(),
});

export const routingSchema = z.strictObject({
  caseSensitive: z
    .boolean()
    .default(true)
    .describe('Whether /Items and /items differ. Do as your systems do. Default true.'),
  ignoreTrailingSlash: z
    .boolean()
    .default(true)
    .describe('Whether /items/ is /items. Do as your systems do. Default true.'),
  websocket: z
    .boolean()
    .default(false)
    .describe('Whether what no route takes may become a WebSocket tunnel. Default false.'),
});

export const configSchema = z.strictObject({
  version: z.literal(1, 'must be 1'),
  listen: listenSchema.prefault({}).describe('Where clients (the API gateway) connect.'),
  admin: adminSchema.prefault({}).describe('Health, readiness and status.'),
  trustedProxies: z
    .array(cidr)
    .default([])
    .describe('Ranges of the gateway: only their X-Forwarded-* and request ids are believed. Default: none.'),
  workers: z
    .union([z.literal('auto'), count(1, 64)], 'must be auto, or a number from 1 to 64')
    .default('auto')
    .describe('Processes that serve on this machine with `banyan run`. Default auto: one for each core.'),
  serverTiming: z
    .boolean()
    .default(false)
    .describe(
      'Adds Server-Timing: proxy;dur=… (milliseconds to the head of the answer) to each answer. Default false.',
    ),
  retryShare: fraction
    .default(0.1)
    .describe(
      'Retries stay under this part of all requests. Only safe methods that met a closed connection are repeated. Default 0.1.',
    ),
  targets: z.record(name, targetSchema).describe('The systems behind, by name.'),
  defaultTarget: name.describe('Takes every request that no route matches.'),
  routing: routingSchema.prefault({}),
  flags,
  migrations: z.record(name, migrationSchema).describe('The domains on the move, by name.'),
  staying: stayingRoutes,
  ownership: ownershipOfProcess,
  shadow: shadowOfProcess,
  force: z
    .strictObject({ secret: secret.describe('Signs the banyan-force header; write ${BANYAN_FORCE_SECRET}.') })
    .optional()
    .describe('Lets signed callers choose the side of a read. Without it the header is always ignored.'),
  state,
  limits: limits.prefault({}),
  drain: z
    .strictObject({
      notReadyFor: duration
        .default(1)
        .describe(
          'On SIGTERM: how long /readyz fails before the listener closes, so that load balancers notice. Default 1ms.',
        ),
      within: duration.default(30_000).describe('How long running requests may take to finish. Default 30s.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
      requests: z
        .enum(['none', 'failed', 'all'])
        .default('failed')
        .describe('Which requests are logged. Default failed.'),
    })
    .prefault({}),
});

/** A checked configuration: every default filled in, times in milliseconds, sizes in bytes. */
export type Config = Readonly<z.output<typeof configSchema>>;

export type RouteConfig = Readonly<Config['migrations'][string]['routes'][number]>;
export type KeySource = NonNullable<RouteConfig['key']>;
