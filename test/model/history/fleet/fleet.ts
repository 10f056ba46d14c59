import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMoverOwnership, isMoverReport } from '#proxy/control/mover/mover-messages.ts';
import { isOwnership, isStatusAnswer, type OwnershipMessage } from '#proxy/control/worker-messages.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import type { ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { startChild, type Child } from './child.ts';
import { fleetConfig, fleetFlags } from './config.ts';
import { startSystems } from './systems.ts';

/** Both systems, three proxies and two movers over one pair of databases, each a process of its own. */
export interface Fleet {
  readonly proxies: readonly Child[];
  /** The second one stands by. */
  readonly movers: readonly Child[];
  readonly systems: readonly Child[];
  /** Where the proxies listen, in their order. */
  readonly urls: readonly string[];
  /** Whether the stale proxy, the last one, hears what the others hear. Its map grows old while it does not. */
  letStaleProxyHear(hears: boolean): void;
  end(): Promise<void>;
}

export interface FleetOptions {
  /** By how much the clock of the second proxy is off, milliseconds. */
  readonly clockShiftMs: number;
  /** Default: 2. Without any, the world's own streams copy. */
  readonly movers?: number;
}

const program = fileURLToPath(new URL('../../../../proxy/banyan.ts', import.meta.url));
const shiftedClock = new URL('shifted-clock.ts', import.meta.url).href;
const proxyNumbers = [0, 1, 2] as const;

/**
 * Proxies and movers are the real programs, as `banyan run` starts them; this process stands where its parent would, and
 * passes the news on: the movers' to every proxy, and a proxy's to the others.
 */
export async function startFleet(
  world: ItemsWorld,
  { clockShiftMs, movers: moverCount = 2 }: FleetOptions,
): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-fleet-'));
  const { systems, ports } = await startSystems(world);
  writeFileSync(join(folder, 'flags.json'), JSON.stringify(fleetFlags));
  const configFile = (name: string, port: number): string => {
    const file = join(folder, `${name}.yaml`);
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(fleetConfig({ plan: world.plan, port, systems: ports })));
    return file;
  };

  const proxies: Child[] = [];
  let staleHears = true;
  const tell = (message: OwnershipMessage, from?: number): void => {
    for (const [number, proxy] of proxies.entries())
      if (number !== from && (staleHears || number !== proxyNumbers.at(-1))) proxy.send(message);
  };
  const urls: string[] = [];
  for (const number of proxyNumbers) {
    const port = await freePort();
    urls.push(`http://127.0.0.1:${port}`);
    proxies.push(
      await startChild({
        name: `proxy ${number}`,
        program,
        arguments: ['proxy', '--config', configFile(`proxy-${number}`, port)],
        environment: { BANYAN_WORKERS: '3', CLOCK_SHIFT_MS: String(clockShiftMs) },
        preload: number === 1 ? [shiftedClock] : [],
        isReady: isStatusAnswer,
        onMessage: (message) => {
          if (isOwnership(message)) tell(message, number);
        },
      }),
    );
  }
  const movers = await Promise.all(
    Array.from({ length: moverCount }, (_, number) =>
      startChild({
        name: `mover ${number}`,
        program,
        arguments: ['mover', '--config', configFile(`mover-${number}`, 0)],
        isReady: isMoverReport,
        onMessage: (message) => {
          if (isMoverOwnership(message)) tell({ banyan: 'ownership', news: message.news });
        },
      }),
    ),
  );
  return {
    proxies,
    movers,
    systems,
    urls,
    letStaleProxyHear(hears) {
      staleHears = hears;
    },
    async end() {
      await Promise.all([...proxies, ...movers, ...systems].map((child) => child.end()));
      rmSync(folder, { recursive: true });
    },
  };
}
