import type { MessagePort } from 'node:worker_threads';
import type { ShadowAnalysis } from '../analysis.ts';
import type { FromComparing, ToComparing } from './compare-messages.ts';
import { unpackPairs } from './packed-pairs.ts';

/** What the comparing thread does: pairs in, wishes and deltas out. */
export function serveComparing(port: MessagePort, analysis: ShadowAnalysis): void {
  const tell = (message: FromComparing): void => port.postMessage(message);
  port.on('message', (message: ToComparing) => {
    if (message.kind === 'flush') {
      tell({ kind: 'delta', delta: analysis.flush(Date.now()) });
      return;
    }
    const recheck: number[] = [];
    const again: number[] = [];
    for (const [index, pair] of unpackPairs(message.pairs).entries()) {
      const verdict = analysis.take(pair);
      if (verdict === 'different' && pair.nearWrite) recheck.push(index);
      else if (analysis.wantsAgain()) again.push(index);
    }
    tell({ kind: 'wishes', recheck, again });
  });
}
