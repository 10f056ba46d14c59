import type { Side } from '#flags/stages.ts';
import { startWriters } from '#test/proxy/cutover/move/support/writers.ts';

// Writers in a process of their own, so that they and the moves that they meet do not wait for one thread. Tells its counts
// four times a second; ends with its parent.

const task = JSON.parse(process.env['WRITER_TASK'] ?? '') as {
  readonly databases: Readonly<Record<Side, { readonly url: string }>>;
  readonly ids: readonly (readonly string[])[];
  readonly everyMs: number;
};
const writers = await startWriters(task);
process.on('disconnect', () => process.exit());
process.on('message', () => {
  writers.stop().then(
    () => process.send?.({ ...writers.counts(), failed: 0, ended: true }),
    () => process.send?.({ ...writers.counts(), failed: 1, ended: true }),
  );
});
setInterval(() => process.send?.({ ...writers.counts(), failed: 0, ended: false }), 250);
