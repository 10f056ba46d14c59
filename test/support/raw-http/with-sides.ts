import type { Evaluation } from '#flags/evaluation.ts';
import type { Side } from '#flags/stages.ts';
import { parseConfig } from '#proxy/config/read.ts';
import type { HoldLimits } from '#proxy/http/handover.types.ts';
import { createDataPlane } from '#proxy/http/plane.ts';
import type { DataPlane, ExchangeReport, Limits, UpstreamOptions } from '#proxy/http/seam.ts';
import { decider } from '#proxy/route/decide.ts';
import { createOwnership, type Ownership, type OwnershipOptions } from '#proxy/route/ownership.ts';
import { stayingTable } from '#proxy/route/staying.ts';
import { routeTable } from '#proxy/route/table.ts';
import { connectRaw, type RawClient } from './raw-client.ts';
import { startUpstream, type Answer, type RecordingUpstream } from './recording-upstream.ts';
import type { Message } from './strict-parser.ts';
import { testLimits, testUpstream } from './with-proxy.ts';

/** What one side's database says of its bucket. */
export interface GateState {
  state: 'owner' | 'fenced' | 'follower';
  epoch: number;
}

export interface SimulatedSide {
  readonly upstream: RecordingUpstream;
  /** Change it at any time. */
  gate: GateState;
  /** Bodies of the writes that took effect here. */
  readonly effects: string[];
}

export interface Sides {
  readonly plane: DataPlane;
  readonly ownership: Ownership;
  readonly monolith: SimulatedSide;
  readonly service: SimulatedSide;
  readonly reports: readonly ExchangeReport[];
  /** What the flags say from now on. */
  say(evaluation: Partial<Evaluation>): void;
  connect(): Promise<RawClient>;
  ask(bytes: string): Promise<Message>;
  until(condition: () => boolean): Promise<void>;
}

export interface SidesOptions {
  readonly hold?: Partial<HoldLimits>;
  readonly limits?: Partial<Limits>;
  readonly upstreamOptions?: Partial<UpstreamOptions>;
  readonly ownership?: Partial<OwnershipOptions>;
  /** YAML at the top level. */
  readonly more?: string;
  /** In the place of the gate, where it gives an answer. */
  readonly script?: (request: Message, side: Side) => Answer;
}

/** Every write but those of the owner is refused, as docs/migration/not-owner.md says. */
export function refusal(side: Side, { state, epoch }: GateState, more = ''): string {
  const owner =
    state === 'follower' ? `Banyan-Owner: ${side === 'service' ? 'monolith' : 'service'}\r\n` : '';
  const body = '{"code":"not-owner"}';
  return (
    `HTTP/1.1 421 Misdirected Request\r\nContent-Type: application/problem+json\r\nBanyan-Group: items\r\n` +
    `Banyan-Bucket: 0\r\nBanyan-Epoch: ${epoch}\r\n${owner}${more}Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

export const put = (body: string, target = '/items/1'): string =>
  `PUT ${target} HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
export const get = (target = '/items/1', lines = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n`;

/** Runs `test` with a proxy, its real routing, and two systems with simulated gates; the monolith owns at epoch 1. */
export async function withSides(options: SidesOptions, test: (sides: Sides) => Promise<void>): Promise<void> {
  const monolith = await startSide('monolith', { state: 'owner', epoch: 1 }, options);
  const service = await startSide('service', { state: 'follower', epoch: 1 }, options);
  const config = parseConfig(
    `
version: 1
targets: { old: { url: '${monolith.upstream.url}' }, new: { url: '${service.upstream.url}' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: stage
    killSwitch: kill
    routes:
      - { name: read, match: 'GET /items/:id', key: { path: id }, readFlag: reads }
      - { name: list, match: GET /items }
      - { name: write, match: 'PUT /items/:id', key: { path: id } }
      - { name: create, match: POST /items }
      - { name: look-up, match: POST /look-up, kind: read }
${options.more ?? ''}`,
    { file: 'banyan.yaml', environment: {} },
  );
  const table = routeTable(config);
  let evaluation: Evaluation = { stage: 'off', killed: false, read: false, version: 1 };
  const ownership = createOwnership({
    table,
    migrations: ['items'],
    lagMs: 60_000,
    maxKeys: 1_000,
    ...options.ownership,
  });
  const reports: ExchangeReport[] = [];
  const clients = new Set<RawClient>();
  const limits = { ...testUpstream, ...options.upstreamOptions };
  const plane = await createDataPlane({
    host: '127.0.0.1',
    port: 0,
    upstreams: {
      old: { ...limits, url: monolith.upstream.url },
      new: { ...limits, url: service.upstream.url },
    },
    trustedProxies: [],
    limits: { ...testLimits, ...options.limits },
    hold: { holdWithinMs: 5_000, maxHeldBytes: 1_000_000, maxHeldRequests: 100, ...options.hold },
    decide: decider({
      table,
      flags: { evaluate: () => evaluation },
      defaultTarget: 'old',
      ownership,
      staying: stayingTable(config),
    }),
    onExchange: (report) => reports.push(report),
  });
  const connect = async (): Promise<RawClient> => {
    const client = await connectRaw({ port: plane.port });
    clients.add(client);
    return client;
  };
  try {
    await test({
      plane,
      ownership,
      monolith,
      service,
      reports,
      say: (said) => (evaluation = { ...evaluation, ...said }),
      connect,
      async ask(bytes) {
        const client = await connect();
        client.send(bytes);
        const response = await client.response(bytes.slice(0, bytes.indexOf(' ')));
        client.destroy();
        return response;
      },
      async until(condition) {
        for (const deadline = Date.now() + 5_000; !condition();) {
          if (Date.now() > deadline) throw new Error('it never came to the expected state');
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      },
    });
  } finally {
    for (const client of clients) client.destroy();
    await plane.drain(0);
    await monolith.upstream.close();
    await service.upstream.close();
  }
}

async function startSide(side: Side, gate: GateState, options: SidesOptions): Promise<SimulatedSide> {
  const effects: string[] = [];
  const started: { simulated?: SimulatedSide } = {};
  const upstream = await startUpstream({
    script(request) {
      const scripted = options.script?.(request, side);
      if (scripted !== undefined) return scripted;
      const isRead = request.method === 'GET' || request.method === 'HEAD' || request.target === '/look-up';
      const now = started.simulated?.gate ?? gate;
      if (!isRead && now.state !== 'owner') return refusal(side, now);
      if (!isRead) effects.push(request.body);
      const body = `${side} ${request.body}`;
      const sent = request.method === 'HEAD' ? '' : body;
      return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nBanyan-Epoch: ${now.epoch}\r\n\r\n${sent}`;
    },
  });
  started.simulated = { upstream, gate, effects };
  return started.simulated;
}
