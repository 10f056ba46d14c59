import { parentPort } from 'node:worker_threads';
import { serveComparing } from '#proxy/shadow/copy/serve-comparing.ts';
import { shadowAnalysis } from '#proxy/shadow/analysis.ts';

// A comparing thread that a pair can end: with `die` as its key by a fault, with `hang` never to answer again.
const analysis = shadowAnalysis(
  { migrations: {}, redact: { paths: [], headers: [], detectors: [] } },
  { now: 0 },
);
if (parentPort !== null) {
  serveComparing(parentPort, {
    ...analysis,
    take(pair) {
      if (pair.key === 'die') process.exit(1);
      if (pair.key === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return analysis.take(pair);
    },
  });
}
