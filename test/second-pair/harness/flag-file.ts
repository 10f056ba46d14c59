import { setTimeout as delay } from 'node:timers/promises';
import { setShare, setStage, setSwitch, type Edited } from '#flags/edit-file.ts';
import type { Stage } from '#flags/stages.ts';
import type { Status } from '#proxy/control/status.ts';
import type { RunningProxy } from './proxy.ts';

export type Domain = 'documents' | 'devices';
export type ReadFlagKey = 'documents.entry' | 'documents.catalogue' | 'devices.reads' | 'devices.readings';

/** Changes of the flag file; each is in force at the proxy when it returns. */
export interface FlagDesk {
  readonly file: string;
  stage(domain: Domain, stage: Stage): Promise<void>;
  share(flag: ReadFlagKey, percent: number): Promise<void>;
  /** The same share for all reads of a domain, at stage `shadow`. */
  shadow(domain: Domain, percent: number): Promise<void>;
  kill(domain: Domain, on: boolean): Promise<void>;
}

const readFlags: Readonly<Record<Domain, readonly ReadFlagKey[]>> = {
  documents: ['documents.entry', 'documents.catalogue'],
  devices: ['devices.reads', 'devices.readings'],
};

export function flagDesk(file: string, proxy: RunningProxy): FlagDesk {
  const follow = async (edit: () => Promise<Edited<unknown>>): Promise<void> => {
    const { version } = (await proxy.status()).flags;
    const { from, to } = await edit();
    if (from !== to) await statusWhere(proxy, ({ flags }) => flags.version > version);
  };
  const desk: FlagDesk = {
    file,
    stage: (domain, stage) => follow(() => setStage({ file, flag: `${domain}.stage`, stage })),
    share: (flag, percent) => follow(() => setShare({ file, flag, percent })),
    async shadow(domain, percent) {
      await desk.stage(domain, 'shadow');
      for (const flag of readFlags[domain]) await desk.share(flag, percent);
    },
    kill: (domain, on) => follow(() => setSwitch({ file, flag: `${domain}.kill`, on })),
  };
  return desk;
}

/** Waits until the admin port shows what is expected; 10 s at most. */
export async function statusWhere(
  proxy: RunningProxy,
  expected: (status: Status) => boolean,
): Promise<Status> {
  for (const deadline = Date.now() + 10_000; ; await delay(5)) {
    const status = await proxy.status();
    if (expected(status)) return status;
    if (Date.now() > deadline) throw new Error(`the proxy never showed it: ${JSON.stringify(status)}`);
  }
}
