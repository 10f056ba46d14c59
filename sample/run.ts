import { setTimeout as delay } from 'node:timers/promises';
import { bringUp, type Sample } from './bring-up.ts';
import { createClosers } from './closers.ts';
import type { SampleEvent } from './events.ts';
import { readShares } from './in-force.ts';
import { createObserver, type Observer } from './observer.ts';
import type { SampleOptions } from './options.ts';
import { readProxyStatus } from './proxy-status.ts';
import { movedBack } from './moved-back.ts';
import type { Ramp } from './ramp.ts';
import { rampSteps } from './ramp-steps.ts';
import { createReadCounter, type ReadCounter } from './read-counter.ts';
import type { Release } from './release/release.ts';
import { createSampleRelease } from './release/sample-release.ts';
import { sampleRamp } from './sample-ramp.ts';
import { readShadow, shadowLook } from './shadow-look.ts';
import type { RampOutcome, Summary } from './summary.ts';
import { startTraffic, type Traffic } from './traffic/traffic.ts';
import type { Reporter } from './view/reporter.ts';

export interface RunOptions {
  readonly options: SampleOptions;
  readonly reporter: Reporter;
  /** Ends the run, in order. */
  readonly signal: AbortSignal;
}

const lookEveryMs = 500;
/** Live, a ramp that was rolled back is tried again so often, after a time without a failure. */
const attempts = 3;
const calmBeforeRetryMs = 15_000;

/**
 * The whole sample migration, from the start of the database to the end of the last process.
 * @returns how it went; after an abort what there was until then
 * @throws an Error that says what to do when something does not start, or can't be kept running
 */
export async function runSample({ options, reporter, signal }: RunOptions): Promise<Summary | undefined> {
  const closers = createClosers();
  const startedAt = performance.now();
  try {
    const sample = await bringUp({ options, closers, signal, tell: (event) => reporter.tell(event) });
    const tell = (event: SampleEvent): void => reporter.tell(event);
    const status = () => readProxyStatus(sample.places.adminUrl);
    await movedBack(sample, { tell, signal });
    const traffic = options.traffic ? sendTraffic(sample, options) : undefined;
    if (traffic !== undefined) closers.add('the traffic', () => traffic.stop());
    const reads = createReadCounter(sample.migration);
    const longest = () => traffic?.longest();
    const release = await createSampleRelease({ sample, status, longest, tell, signal });
    const ramp = sampleRamp({
      sample,
      steps: rampSteps(),
      stepMs: options.stepSeconds * 1_000,
      release,
      reads,
      status,
      failures: () => traffic?.snapshot().failed ?? 0,
      tell,
      signal,
    });
    const observer = observe(sample, { reporter, traffic, reads, ramp, release });
    const outcome = await whileShown(observer, {
      reporter,
      work: () => stay(ramp, { options, signal, sample }),
    });
    await traffic?.stop();
    const last = await observer.look();
    return {
      seconds: (performance.now() - startedAt) / 1_000,
      ramp: outcome,
      users: traffic?.snapshot(),
      reads: last.reads,
      shadow: (await readShadow(sample.places.adminUrl)) ?? last.shadow,
      copy: last.copy,
      ownership: last.ownership,
      moves: last.moves,
      lastStep: reads.sinceMark(),
      release: last.release,
      restarts: last.processes.reduce(
        (total, { restarts }) => total + restarts,
        sample.monolith.pastRestarts(),
      ),
      dataFolder: sample.places.dataFolder,
    };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    reporter.leave();
    await closers.close((what) => reporter.tell({ event: 'stopping', what }));
  }
}

function sendTraffic(sample: Sample, { rate, seed }: SampleOptions): Traffic {
  return startTraffic({
    url: sample.places.proxyUrl,
    rate,
    seed,
    population: sample.population,
    introspectionKey: sample.introspectionKey,
    runId: Date.now().toString(36),
  });
}

interface Around {
  readonly reporter: Reporter;
  readonly traffic: Traffic | undefined;
  readonly reads: ReadCounter;
  readonly ramp: Ramp;
  readonly release: Release;
}

function observe(sample: Sample, { reporter, traffic, reads, ramp, release }: Around): Observer {
  const { migration, places } = sample;
  return createObserver({
    migration,
    reads,
    shares: () => readShares(places.flagFile, migration),
    places,
    status: () => readProxyStatus(places.adminUrl),
    shadow: shadowLook(() => readShadow(places.adminUrl)),
    users: () => traffic?.snapshot(),
    ramp: () => ramp.model(),
    release: () => release.model(),
    processes: () => sample.processes().map((process) => process.model()),
    proxy: 'proxy',
    tell: (event) => reporter.tell(event),
  });
}

/** Shows what is going on for as long as the work lasts. */
async function whileShown<T>(
  observer: Observer,
  { reporter, work }: { readonly reporter: Reporter; readonly work: () => Promise<T> },
): Promise<T> {
  const done = new AbortController();
  const showing = (async () => {
    while (!done.signal.aborted) {
      reporter.show(await observer.look());
      await delay(lookEveryMs, undefined, { signal: done.signal }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    done.abort();
    await showing;
  }
}

/** Once: the ramp, and one more step's time at its end. Live: until the abort. */
async function stay(
  ramp: Ramp,
  { options, signal, sample }: Pick<RunOptions, 'options' | 'signal'> & { readonly sample: Sample },
): Promise<RampOutcome> {
  const serverGone = sample.server.ended.then(() => {
    if (signal.aborted) return new Promise<never>(() => undefined);
    throw new Error(`PostgreSQL has ended; its data are in ${sample.places.dataFolder}`);
  });
  const walk = options.once ? once(ramp, options.stepSeconds * 1_000, signal) : live(ramp, signal);
  return Promise.race([walk, serverGone]);
}

async function once(ramp: Ramp, afterMs: number, signal: AbortSignal): Promise<RampOutcome> {
  if ((await ramp.run()) === 'rolled-back') return 'rolled-back';
  const bad = ramp.guard();
  bad.catch(() => undefined);
  return Promise.race([bad, delay(afterMs, 'complete' as const, { signal })]);
}

async function live(ramp: Ramp, signal: AbortSignal): Promise<RampOutcome> {
  let outcome: RampOutcome = 'not-finished';
  try {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      outcome = 'not-finished';
      outcome = await ramp.run();
      // From the completion on it is only told: there is nothing to take back, and nothing to ramp again.
      while (outcome === 'complete') outcome = await ramp.guard();
      await delay(calmBeforeRetryMs, undefined, { signal });
    }
    await delay(2 ** 31 - 1, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return outcome;
}
