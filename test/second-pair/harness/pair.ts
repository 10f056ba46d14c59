import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { createCardFile } from '../cardfile/app.ts';
import { createVault } from '../vault/app.ts';
import { send, type Answered, type Sent } from './client.ts';
import { flagDesk, type FlagDesk } from './flag-file.ts';
import { startProxy, type RunningProxy } from './proxy.ts';
import { startSystem, type RunningSystem } from './system.ts';

export type SystemName = 'cardfile' | 'vault';

export interface Proxied extends Answered {
  /** Which system got the request; `undefined` where none did. */
  readonly from: SystemName | undefined;
}

export interface SecondPair {
  readonly cardfile: RunningSystem;
  readonly vault: RunningSystem;
  readonly proxy: RunningProxy;
  readonly flags: FlagDesk;
  /** Past the proxy. */
  direct(system: SystemName, sent: Sent): Promise<Answered>;
  /** Through the proxy, or through another one. */
  proxied(sent: Sent, proxy?: RunningProxy): Promise<Proxied>;
  /** One more proxy on the same flag file. Stop it. */
  anotherProxy(): Promise<RunningProxy>;
  stop(): Promise<void>;
}

const shippedFlags = new URL('../flags.json', import.meta.url);

/** Both systems and the proxy in front of them, in this process, everything at stage `off`. */
export async function startSecondPair(): Promise<SecondPair> {
  const dispatcher = new Agent({ connections: 32 });
  const folder = await mkdtemp(join(tmpdir(), 'banyan-second-pair-'));
  const flagFile = join(folder, 'flags.json');
  await copyFile(shippedFlags, flagFile);
  const [cardfile, vault] = await Promise.all([
    startSystem({ name: 'cardfile', template: 'second_old', create: createCardFile }),
    startSystem({ name: 'vault', template: 'second_new', create: createVault }),
  ]);
  const plan = { cardfileUrl: cardfile.url, vaultUrl: vault.url, flagFile, dispatcher };
  const proxy = await startProxy(plan);
  const systems = { cardfile, vault };

  return {
    cardfile,
    vault,
    proxy,
    flags: flagDesk(flagFile, proxy),
    direct: (system, sent) => send(dispatcher, systems[system].url, sent),
    async proxied(sent, through = proxy) {
      const trace = randomUUID();
      const headers = { ...sent.headers, 'x-trace': trace };
      const answer = await send(dispatcher, through.url, { ...sent, headers });
      const names = (['cardfile', 'vault'] as const).filter((name) =>
        systems[name].received.some((received) => received.headers['x-trace'] === trace),
      );
      if (names.length > 1) throw new Error('one request reached both systems');
      return { ...answer, from: names[0] };
    },
    anotherProxy: () => startProxy(plan),
    async stop() {
      await dispatcher.close();
      await proxy.stop();
      await Promise.all([cardfile.stop(), vault.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** Sends all at once through the proxy and tells who got each. */
export async function sidesOf(
  pair: SecondPair,
  requests: readonly Sent[],
): Promise<(SystemName | undefined)[]> {
  return Promise.all(requests.map(async (sent) => (await pair.proxied(sent)).from));
}
