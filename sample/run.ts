import { setTimeout as delay } from 'node:timers/promises';
import { stageTable } from '#flags/stages.ts';
import { bringUp, type Sample } from './bring-up.ts';
import { createClosers } from './closers.ts';
import { copyNotDropped, copyNotReady, copyOf } from './copy-state.ts';
import { applyStep } from './flag-moves.ts';
import { readShares } from './in-force.ts';
import { createObserver, type Observer } from './observer.ts';
import type { SampleOptions } from './options.ts';
import { readProxyStatus } from './proxy-status.ts';
import { createRamp, rampSteps, type Ramp } from './ramp.ts';
import { createReadCounter, type ReadCounter } from './read-counter.ts';
import { notMovedYet, ownershipOf } from './ownership-look.ts';
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
const holdPollMs = 200;
/** The copy at `--scale 1` is through long before. */
const copyLimitMs = 3 * 3_600_000;
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
    await movedBack(sample, { reporter, signal });
    const traffic = options.traffic ? sendTraffic(sample, options) : undefined;
    if (traffic !== undefined) closers.add('the traffic', () => traffic.stop());
    const reads = createReadCounter(sample.migration);
    const ramp = rampOf(sample, { options, reporter, traffic, reads, signal });
    const observer = observe(sample, { reporter, traffic, reads, ramp });
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
      restarts: last.processes.reduce((total, { restarts }) => total + restarts, 0),
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

/** A run begins where the first stage wants the data; an earlier run on the same folder has left them with the service. */
async function movedBack(
  { migration, places }: Sample,
  { reporter, signal }: Pick<RunOptions, 'reporter' | 'signal'>,
): Promise<void> {
  let told: string | undefined;
  for (;;) {
    const status = await readProxyStatus(places.adminUrl);
    const reason = notMovedYet(ownershipOf(status, migration.name), 'off');
    if (reason === undefined) return;
    if (reason !== told) reporter.tell({ event: 'holding', reason });
    told = reason;
    await delay(holdPollMs, undefined, { signal });
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
}

function rampOf(
  { migration, places, processes }: Sample,
  { options, reporter, traffic, reads, signal }: Around & Pick<RunOptions, 'options' | 'signal'>,
): Ramp {
  const status = () => readProxyStatus(places.adminUrl);
  return createRamp({
    steps: rampSteps,
    stepMs: options.stepSeconds * 1_000,
    holdLimitMs: copyLimitMs,
    async apply(step) {
      await applyStep({ file: places.flagFile, migration, status }, step);
      if (step === rampSteps.at(-1)) reads.mark(await status());
    },
    async trouble(next, now) {
      const found = await status();
      const { copied } = stageTable[next.stage];
      const copy = copyOf(found, migration.name);
      const reason =
        notMovedYet(ownershipOf(found, migration.name), now?.stage ?? 'off') ??
        (now?.stage === 'off' ? copyNotDropped(copy) : undefined) ??
        (copied === 'no' || next.stage === 'dualwrite' ? undefined : copyNotReady(copy));
      if (reason !== undefined) return reason;
      const troubles = await Promise.all(processes.map((process) => process.trouble()));
      return troubles.find((trouble) => trouble !== undefined);
    },
    failures: () => traffic?.snapshot().failed ?? 0,
    tell: (event) => reporter.tell(event),
    signal,
  });
}

function observe(
  { migration, places, processes }: Sample,
  around: Around & { readonly ramp: Ramp },
): Observer {
  return createObserver({
    migration,
    reads: around.reads,
    shares: () => readShares(places.flagFile, migration),
    places,
    status: () => readProxyStatus(places.adminUrl),
    shadow: shadowLook(() => readShadow(places.adminUrl)),
    users: () => around.traffic?.snapshot(),
    ramp: () => around.ramp.model(),
    processes: () => processes.map((process) => process.model()),
    proxy: 'proxy',
    tell: (event) => around.reporter.tell(event),
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
  const bad = ramp.guard().then(() => 'rolled-back' as const);
  bad.catch(() => undefined);
  return Promise.race([bad, delay(afterMs, 'complete' as const, { signal })]);
}

async function live(ramp: Ramp, signal: AbortSignal): Promise<RampOutcome> {
  let outcome: RampOutcome = 'not-finished';
  try {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      outcome = 'not-finished';
      outcome = await ramp.run();
      if (outcome === 'complete') await ramp.guard();
      outcome = 'rolled-back';
      await delay(calmBeforeRetryMs, undefined, { signal });
    }
    await delay(2 ** 31 - 1, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return outcome;
}
