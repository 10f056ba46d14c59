import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bothSides } from '#proxy/cutover/plan.ts';
import type { ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';

export interface WriterCounts {
  readonly written: number;
  readonly refused: number;
  readonly longestMs: number;
  /** Writers that ended with an error that is no refusal. */
  readonly failed: number;
}

export interface WriterProcess {
  /** Ends the writers. @returns what they did in all */
  stop(): Promise<WriterCounts & { readonly seconds: number }>;
}

const program = fileURLToPath(new URL('writer-child.ts', import.meta.url));

/**
 * Applications that write at a fixed rate, on whichever side takes it.
 * @param options.rate writes a second, of all writers together
 */
export async function startWriterProcess(options: {
  readonly world: Pick<ItemsWorld, 'databases'>;
  readonly ids: readonly (readonly string[])[];
  readonly rate: number;
}): Promise<WriterProcess> {
  const { world, ids, rate } = options;
  const databases = Object.fromEntries(bothSides.map((side) => [side, { url: world.databases[side].url }]));
  const task = { databases, ids, everyMs: (ids.length * 1_000) / rate };
  const child = fork(program, { env: { ...process.env, WRITER_TASK: JSON.stringify(task) } });
  let last: WriterCounts & { readonly ended: boolean } = {
    written: 0,
    refused: 0,
    longestMs: 0,
    failed: 0,
    ended: false,
  };
  child.on('message', (counts) => (last = counts as typeof last));
  await once(child, 'message');
  const began = performance.now();
  const before = last.written;
  return {
    async stop() {
      const seconds = (performance.now() - began) / 1_000;
      const { written } = last;
      child.send('stop');
      while (!last.ended && child.exitCode === null)
        await Promise.race([once(child, 'message'), once(child, 'exit')]);
      const failed = last.ended ? last.failed : 1;
      child.disconnect();
      return { ...last, written: written - before, failed, seconds };
    },
  };
}
