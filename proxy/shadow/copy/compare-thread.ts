import { Worker } from 'node:worker_threads';
import type { Logger } from '#shared/telemetry/log.ts';
import type { AnalysisOptions } from '../analysis.ts';
import type { ShadowDelta } from '../delta.types.ts';
import type { FromComparing, ToComparing, Wishes } from './compare-messages.ts';
import type { Copy } from './copy.ts';
import { packPairs } from './packed-pairs.ts';

export interface CompareThreadOptions {
  readonly analysis: AnalysisOptions;
  /** The thread's program. Default: `compare-worker.ts`. */
  readonly program?: URL;
  /** Pairs, and bytes of their bodies, that may be under way to the thread or in it. */
  readonly maxPairs: number;
  readonly maxBytes: number;
  readonly log: Logger;
  /** Something is to be asked anew before the pair is done with: both sides after the lag, or the primary once more. */
  readonly onWish: (copy: Copy, wish: keyof Wishes) => void;
  readonly onDelta: (delta: ShadowDelta) => void;
}

/** The comparing thread as the main thread sees it. It is started by the first pair that needs it. */
export interface CompareThread {
  /** Takes a pair; one too many is skipped and counted. */
  send(copy: Copy): void;
  /** Hands over what has gathered, and ends a thread that hangs. */
  tick(now: number): void;
  /** Asks for a delta. @returns false where no thread runs, so that none will come */
  flush(): boolean;
  state(): { readonly running: boolean; readonly restarts: number; readonly pairs: number };
  stop(): Promise<void>;
}

const program = new URL('./compare-worker.ts', import.meta.url);
const batchPairs = 32;
const batchBytes = 262_144;
/** Bounds what hostile answers can make of the thread: it dies, the proxy lives on. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
const hangsAfterMs = 15_000;
const firstPauseMs = 100;
const longestPauseMs = 30_000;
/** A thread that ran so long before it died is started anew without delay. */
const soundMs = 60_000;

export function createCompareThread(options: CompareThreadOptions): CompareThread {
  const { log, maxPairs, maxBytes, onWish, onDelta } = options;
  let worker: Worker | undefined;
  let startedAt = 0;
  let pauseMs = firstPauseMs;
  let startAt = 0;
  let restarts = 0;
  let stopped = false;
  let gathered: Copy[] = [];
  let gatheredBytes = 0;
  /** What the thread has and has not answered, in its sequence. */
  const given: { readonly copies: readonly Copy[]; readonly bytes: number; readonly at: number }[] = [];
  let pairs = 0;
  let bytes = 0;

  const start = (now: number): Worker | undefined => {
    if (worker !== undefined) return worker;
    if (stopped || now < startAt) return undefined;
    const started = new Worker(options.program ?? program, { workerData: options.analysis, resourceLimits });
    // It must not keep a process that has ended otherwise.
    started.unref();
    started.on('message', (message: FromComparing) => {
      if (started !== worker) return;
      if (message.kind === 'delta') onDelta(message.delta);
      else answered(message);
    });
    started.on('error', (error) => {
      if (started === worker) lost(error.name === 'Error' ? error.message.slice(0, 200) : error.name);
    });
    started.on('exit', () => {
      if (started === worker) lost('it ended');
    });
    worker = started;
    startedAt = now;
    return started;
  };

  const answered = (wishes: Wishes): void => {
    const batch = given.shift();
    if (batch === undefined) return;
    pairs -= batch.copies.length;
    bytes -= batch.bytes;
    const [recheck, again] = [new Set(wishes.recheck), new Set(wishes.again)];
    for (const [index, copy] of batch.copies.entries()) {
      if (recheck.has(index)) onWish(copy, 'recheck');
      else if (again.has(index)) onWish(copy, 'again');
      else copy.close();
    }
  };

  const lost = (why: string): void => {
    worker = undefined;
    const now = performance.now();
    if (now - startedAt > soundMs) pauseMs = firstPauseMs;
    startAt = now + pauseMs;
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    restarts += 1;
    for (const batch of given.splice(0)) {
      pairs -= batch.copies.length;
      bytes -= batch.bytes;
      for (const copy of batch.copies) copy.skip('compare-overloaded');
    }
    if (!stopped) log.error({ why, restarts }, 'the comparing thread died; it is started again');
  };

  const post = (now: number): void => {
    if (gathered.length === 0) return;
    const running = start(now);
    if (running === undefined) return;
    const packed = packPairs(gathered);
    given.push({ copies: gathered, bytes: gatheredBytes, at: now });
    gathered = [];
    gatheredBytes = 0;
    tellWorker(running, { kind: 'pairs', pairs: packed }, [packed.bytes]);
  };

  return {
    send(copy) {
      const size = sizeOf(copy);
      if (stopped || pairs >= maxPairs || bytes + size > maxBytes) {
        copy.skip('compare-overloaded');
        return;
      }
      pairs += 1;
      bytes += size;
      gatheredBytes += size;
      gathered.push(copy);
      if (gathered.length >= batchPairs || gatheredBytes >= batchBytes) post(performance.now());
    },
    tick(now) {
      const [eldest] = given;
      const hanging = worker;
      if (hanging !== undefined && eldest !== undefined && now - eldest.at > hangsAfterMs) {
        lost('it hung');
        void hanging.terminate();
      }
      post(now);
    },
    flush() {
      if (worker === undefined) return false;
      tellWorker(worker, { kind: 'flush' });
      return true;
    },
    state: () => ({ running: worker !== undefined, restarts, pairs }),
    async stop() {
      stopped = true;
      const last = worker;
      worker = undefined;
      for (const copy of [...gathered, ...given.flatMap(({ copies }) => copies)]) copy.close();
      gathered = [];
      given.length = 0;
      await last?.terminate();
    },
  };
}

function tellWorker(worker: Worker, message: ToComparing, handedOver: readonly ArrayBuffer[] = []): void {
  worker.postMessage(message, handedOver);
}

function sizeOf({ lines, requestBody, primary, shadow, again }: Copy): number {
  return [primary, shadow, again].reduce(
    (sum, answer) => sum + (answer === undefined ? 0 : answer.lines.length + answer.body.length),
    lines.length + (requestBody?.length ?? 0),
  );
}
