import { runSlice, type SlicePlan, type SliceResult } from './slice.ts';
import { startUpstream } from './upstream.ts';

/** From the load process: first where its upstream listens, then the result of each plan that it was sent. */
export type FromLoad =
  | { readonly upstreamPort: number }
  | { readonly result: SliceResult }
  | { readonly failed: string };

/**
 * The load side, a process of its own on a core of its own. Upstream and clients share its one thread: it is cheaper than two
 * that wake each other, and at a fixed rate neither waits for the other's turn.
 */
const upstream = await startUpstream();
const tell = (message: FromLoad): void => void process.send?.(message);

process.on('message', (plan: SlicePlan) => {
  runSlice(plan, upstream).then(
    (result) => tell({ result }),
    (error: unknown) => tell({ failed: Error.isError(error) ? error.message : String(error) }),
  );
});
// The bench is gone, however it went.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
tell({ upstreamPort: upstream.port });
