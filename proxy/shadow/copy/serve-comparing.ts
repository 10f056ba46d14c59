import type { MessagePort } from 'node:worker_threads';
import type { ShadowAnalysis } from '../analysis.ts';
import type { FromComparing, ToComparing } from './compare-messages.ts';
import { unpackPairs } from './packed-pairs.ts';

/** What the comparing thread does: pairs in, verdicts and deltas out. */
export function serveComparing(port: MessagePort, analysis: ShadowAnalysis): void {
  const tell = (message: FromComparing): void => port.postMessage(message);
  port.on('message', (message: ToComparing) => {
    if (message.kind === 'flush') {
      analysis.sawSame(message.same);
      tell({ kind: 'delta', delta: analysis.flush(Date.now()) });
      return;
    }
    const different: number[] = [];
    for (const [index, { pair, look }] of unpackPairs(message.pairs).entries()) {
      // A difference that may be a race, or whose cause is asked for, comes again, and counts then.
      if (look && analysis.look(pair) === 'different') different.push(index);
      else analysis.take(pair);
    }
    tell({ kind: 'verdicts', different });
  });
}
