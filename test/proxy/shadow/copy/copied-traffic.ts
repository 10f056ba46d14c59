import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseConfig } from '#proxy/config/read.ts';
import { startProxyRole, type ProxyRole } from '#proxy/control/proxy-role.ts';
import type { ShadowStatus } from '#proxy/shadow/copy/shadow.ts';
import { mergeRoutes, sumOfCounts } from '#proxy/shadow/copy/merge-deltas.ts';
import type { FindingDelta, ShadowDelta } from '#proxy/shadow/delta.types.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { flagTextOf } from '#test/load/proxy/subjects/banyan-full-files.ts';
import { connectRaw } from '#test/support/raw-http/raw-client.ts';
import {
  startUpstream,
  type RecordingUpstream,
  type UpstreamScript,
} from '#test/support/raw-http/recording-upstream.ts';

/** What all deltas say together. */
export interface Totals {
  readonly eligible: number;
  readonly compared: number;
  readonly same: number;
  readonly different: number;
  readonly raced: number;
  readonly noiseSamples: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly shadowFailures: Readonly<Record<string, number>>;
  readonly findings: readonly FindingDelta[];
}

export interface CopiedTraffic {
  readonly role: ProxyRole;
  readonly old: RecordingUpstream;
  readonly fresh: RecordingUpstream;
  readonly deltas: readonly ShadowDelta[];
  /** Sends one request on a new connection and reads its answer, byte for byte. */
  ask(bytes: string): Promise<string>;
  status(): ShadowStatus;
  totals(): Totals;
  /** Waits until the deltas add up as wanted; fails after ten seconds with what they said last. */
  until(wanted: (totals: Totals) => boolean): Promise<Totals>;
}

export interface TrafficOptions {
  /** What the answering side does, and the other. */
  readonly old?: UpstreamScript;
  readonly fresh?: UpstreamScript;
  /** YAML: `shadow` of the migration, and of the process. */
  readonly shadow?: string;
  readonly bounds?: string;
  /** YAML of further routes. */
  readonly routes?: string;
  readonly limits?: string;
}

/** Runs `test` with the proxy role at stage `shadow`: all reads answered by the old side, and copied to the new one. */
export async function withCopies(
  options: TrafficOptions,
  test: (traffic: CopiedTraffic) => Promise<void>,
): Promise<void> {
  const old = await startUpstream(options.old);
  const fresh = await startUpstream(options.fresh);
  const folder = mkdtempSync(join(tmpdir(), 'banyan-shadow-'));
  writeFileSync(join(folder, 'flags.json'), flagTextOf(0));
  const config = parseConfig(configText({ ...options, oldUrl: old.url, freshUrl: fresh.url }), {
    file: join(folder, 'banyan.yaml'),
    environment: {},
  });
  const deltas: ShadowDelta[] = [];
  const role = await startProxyRole(config, {
    log: createLog({ name: 'test', level: 'silent' }),
    shadowSink: { add: (delta) => void deltas.push(delta) },
  });
  const totals = (): Totals => totalsOf(deltas);
  try {
    await test({
      role,
      old,
      fresh,
      deltas,
      totals,
      async ask(bytes) {
        const client = await connectRaw({ port: role.listen.port });
        client.send(bytes.replace('\r\n\r\n', '\r\nHost: a.example\r\nConnection: close\r\n\r\n'));
        await client.closed;
        client.destroy();
        return client.unread();
      },
      status() {
        const { shadow } = role.status();
        if (shadow === undefined) throw new Error('nothing is compared');
        return shadow;
      },
      async until(wanted) {
        for (const deadline = Date.now() + 30_000; ; await delay(20)) {
          const now = totals();
          if (wanted(now)) return now;
          if (Date.now() > deadline) throw new Error(`never as wanted: ${JSON.stringify(now)}`);
        }
      },
    });
  } finally {
    await role.stop();
    await old.close();
    await fresh.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function totalsOf(deltas: readonly ShadowDelta[]): Totals {
  const routes = mergeRoutes(deltas.flatMap((delta) => delta.routes));
  const sum = (of: (route: (typeof routes)[number]) => number): number =>
    routes.reduce((total, route) => total + of(route), 0);
  return {
    eligible: sum(({ eligible }) => eligible),
    compared: sum(({ compared }) => compared),
    same: sum(({ same }) => same),
    different: sum(({ different }) => different),
    raced: sum(({ raced }) => raced),
    noiseSamples: sum(({ noiseSamples }) => noiseSamples),
    skipped: { ...sumOfCounts(...routes.map(({ skipped }) => skipped)) },
    shadowFailures: { ...sumOfCounts(...routes.map(({ shadowFailures }) => shadowFailures)) },
    findings: deltas.flatMap(({ findings }) => findings),
  };
}

function configText(
  options: TrafficOptions & { readonly oldUrl: string; readonly freshUrl: string },
): string {
  const { oldUrl, freshUrl, shadow = '{ noise: 0 }', bounds = '{}', routes = '', limits = '{}' } = options;
  return `version: 1
listen: { port: 0 }
admin: { port: 0 }
targets:
  old: { url: '${oldUrl}' }
  new: { url: '${freshUrl}' }
defaultTarget: old
flags: { source: file, path: flags.json }
limits: ${limits}
drain: { within: 1s }
shadow: ${bounds}
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: items-stage
    killSwitch: items-kill
    shadow: ${shadow}
    routes:
      - { name: item-read, match: 'GET /items/:id', key: { path: id }, readFlag: items-reads }
      - { name: item-write, match: 'PUT /items/:id', key: { path: id } }
      - { name: item-find, match: POST /items/find, kind: read }
${routes}`;
}

/** An answer whose body is its text. */
export function answer(body: string, more = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
}

export const get = (id: string | number, lines = ''): string => `GET /items/${id} HTTP/1.1\r\n${lines}\r\n`;
