import { fileURLToPath } from 'node:url';
import { endChild, startChild } from './children.ts';
import type { FromLoad } from './load/load-process.ts';
import type { SlicePlan, SliceResult } from './load/slice.ts';

/** Clients and upstream, in a process of their own. */
export interface LoadSide {
  readonly upstreamPort: number;
  /** One at a time. @throws Error when the load side itself failed */
  run(plan: SlicePlan): Promise<SliceResult>;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('./load/load-process.ts', import.meta.url));

/** Another program for the load side, with its arguments; it ends with importing the usual one. */
export type LoadProgram = readonly [program: string, ...args: readonly string[]];

/** @param core where it runs; `undefined` leaves it to the system */
export async function startLoadSide(
  core: string | undefined,
  run: LoadProgram = [program],
): Promise<LoadSide> {
  const [file, ...args] = [...(core === undefined ? [] : ['taskset', '-c', core]), process.execPath, ...run];
  const child = startChild(file ?? '', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const answer = (): Promise<FromLoad> =>
    new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the load process ended'));
      child.once('exit', onExit);
      child.once('error', reject);
      child.once('message', (message) => {
        child.off('exit', onExit);
        child.off('error', reject);
        resolve(message as FromLoad);
      });
    });
  const first = await answer();
  if (!('upstreamPort' in first)) throw new Error('the load process did not start');
  return {
    upstreamPort: first.upstreamPort,
    async run(plan) {
      const answered = answer();
      child.send(plan);
      const message = await answered;
      if ('result' in message) return message.result;
      throw new Error('failed' in message ? `the load process: ${message.failed}` : 'no result');
    },
    close: () => endChild(child),
  };
}
