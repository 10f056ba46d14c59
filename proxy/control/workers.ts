import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Config } from '#proxy/config/schema.ts';
import {
  supervise,
  type Ending,
  type SupervisionEvent,
  type Supervised,
} from '#shared/process/supervisor.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';
import type { Completion, OwnershipNews } from '#proxy/route/ownership.types.ts';
import type { ShadowSink } from './shadow-role.ts';
import { mergeStatus, type ProcessStatus, type Status } from './status.ts';
import { mergeTraffic, type TrafficSnapshot } from './traffic.ts';
import type { MoverChild } from './mover/mover-child.ts';
import {
  isAcknowledgeQuestion,
  isOwnership,
  isShadowDelta,
  isShadowWrites,
  isStatusAnswer,
  type AcknowledgeAnswerMessage,
  type OwnershipMessage,
  type ShadowWritesMessage,
  type StatusAnswer,
  type StatusQuestion,
} from './worker-messages.ts';

export interface Workers {
  /** Asks every worker; one that does not answer within the bound counts with its last word. `undefined`: none is up yet. */
  status(): Promise<Status | undefined>;
  /** Where the workers listen; `undefined` until the first is ready. */
  listen(): { readonly host: string; readonly port: number } | undefined;
  /** Resolves when the first worker is ready, or rejects when it cannot be kept running. */
  readonly ready: Promise<void>;
  /** Tells every worker what control knows of owners and copies. */
  learnOwnership(news: OwnershipNews): void;
  /** Replaces one worker after the other: the next one is ready before the old one drains, so nothing is dropped. */
  roll(): Promise<void>;
  stop(withinMs: number): Promise<void>;
  /** Settles when every worker has ended and none will be started again. */
  readonly ended: Promise<Ending>;
}

export interface WorkersOptions {
  readonly config: Config;
  /** The call's own options (`--config …`), handed to each worker. */
  readonly arguments: readonly string[];
  readonly log: Logger;
  /** Longest that one worker's drain may take, in milliseconds. */
  readonly stopWithinMs: number;
  /** Takes what the workers' comparing found. */
  readonly shadowSink?: ShadowSink | undefined;
  /** Answers whether both sides have what was written; without it nobody can. */
  readonly ask?: MoverChild['ask'] | undefined;
}

/** Environment variable that makes `banyan proxy` a worker, and says how many there are. */
export const workersVariable = 'BANYAN_WORKERS';
/** Environment variable with the secret of `ownership.versionSecret` where none is configured: the workers of one tree share it. */
export const drawnSecretVariable = 'BANYAN_DRAWN_VERSION_SECRET';

const program = fileURLToPath(new URL('../banyan.ts', import.meta.url));
const answerLimitMs = 1_000;
const readyLimitMs = 30_000;

function workerCount({ workers }: Config): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

/** One supervised process, with what it said last. */
interface Slot {
  readonly supervised: Supervised;
  readonly ready: Promise<void>;
  last: StatusAnswer | undefined;
}

/**
 * Runs the proxy role in several processes (node:cluster: the parent holds the listening socket and hands connections out
 * in turn, so that a worker can come and go without one being lost; ADR 5). A worker that dies is started again.
 */
export function startWorkers(options: WorkersOptions): Workers {
  const { config, log } = options;
  const count = workerCount(config);
  cluster.setupPrimary({
    exec: program,
    args: ['proxy', ...options.arguments],
    silent: true,
    windowsHide: true,
  });
  // Without it one worker would hear of a write on another some milliseconds late, and serve a read from before it.
  const environment = {
    [workersVariable]: String(count),
    [drawnSecretVariable]: randomBytes(32).toString('base64url'),
  };
  const gone: TrafficSnapshot[] = [];
  const startedAt = new Date().toISOString();
  let restarts = 0;
  /** What control told last, by migration: a worker that comes later must not go by the flags until it speaks again. */
  const completions = new Map<string, Completion>();
  const listeners = new Map<number, (answer: StatusAnswer) => void>();
  let stopping = false;
  let everReady = false;

  /** Replaced and draining: in no place any more, and not gone yet. */
  const leaving = new Set<Slot>();

  const bury = (slot: Slot): void => {
    gone.splice(0, gone.length, mergeTraffic([...gone, ...pastTraffic(slot)]));
    slot.last = undefined;
  };

  const open = (number: number): Slot => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const slot: Slot = {
      ready: promise,
      last: undefined,
      supervised: supervise({
        name: `proxy worker ${number}`,
        program,
        fork: () =>
          forkWorker(environment, {
            shadowSink: options.shadowSink,
            ask: options.ask,
            welcome: () => ({ source: 'proxy', completions: [...completions.values()] }),
            onAnswer: (answer) => {
              slot.last = answer;
              everReady = true;
              resolve();
              listeners.get(answer.status.pid)?.(answer);
            },
          }),
        onOutput: (text, stream) => {
          // What a worker says before the first is ready is why it cannot start, and is told once, by us.
          if (stream === 'stdout') process.stdout.write(text);
          else if (everReady) process.stderr.write(text);
        },
        onEvent: (event) => {
          if (event.kind !== 'started') bury(slot);
          if (event.kind === 'started' && event.restarts > 0) restarts += 1;
          if (event.kind === 'crashed' && !everReady) {
            // A port in use, a broken flag file: what stops the first start would stop every other as well.
            reject(new Error(event.detail));
            void slot.supervised.stop(0);
            return;
          }
          logEvent(event, log);
        },
      }),
    };
    promise.catch(() => undefined);
    void slot.supervised.ended.then(({ detail }) => reject(new Error(detail)));
    return slot;
  };

  const slots = Array.from({ length: count }, (_none, index) => open(index + 1));
  const ended = Promise.all(slots.map((_slot, index) => endOf(slots, index))).then(
    (endings): Ending =>
      endings.find(({ reason }) => reason === 'gave-up') ?? { reason: 'stopped', detail: '' },
  );
  let rolling: Promise<void> | undefined;

  async function roll(): Promise<void> {
    for (const [index, old] of slots.entries()) {
      if (stopping) return;
      const next = open(index + 1);
      try {
        await within(readyLimitMs, next.ready);
      } catch (error) {
        await next.supervised.stop(0);
        log.error({ err: error }, 'the new worker did not become ready; the old ones go on');
        return;
      }
      slots[index] = next;
      leaving.add(old);
      await old.supervised.stop(options.stopWithinMs);
      leaving.delete(old);
    }
    log.info({ workers: count }, 'all workers were replaced');
  }

  return {
    ended,
    ready: Promise.any(slots.map(({ ready }) => ready)).catch((error: AggregateError) => {
      throw error.errors[0];
    }),
    learnOwnership(news) {
      for (const one of news.completions ?? []) completions.set(one.migration, one);
      tellOthers(undefined, { banyan: 'ownership', news });
    },
    listen: () => slots.find(({ last }) => last !== undefined)?.last?.listen,
    async status() {
      const answers = await Promise.all(slots.map((slot) => askStatus(slot, listeners)));
      const [first, ...others] = answers.filter((answer) => answer !== undefined);
      const past = [...gone, ...[...leaving].flatMap(pastTraffic)];
      return first && mergeStatus([first, ...others], { gone: past, startedAt, restarts });
    },
    async roll() {
      await (rolling ??= roll().finally(() => (rolling = undefined)));
    },
    async stop(withinMs) {
      stopping = true;
      await Promise.all(slots.map(({ supervised }) => supervised.stop(withinMs)));
    },
  };
}

/** What a worker said last; its latencies are of the past at once. */
function pastTraffic({ last }: Slot): TrafficSnapshot[] {
  if (last === undefined) return [];
  const { traffic } = last.status;
  return [{ ...traffic, ways: traffic.ways.map((way) => ({ ...way, latency: [] })) }];
}

/** Follows a place through its replacements: it ends when the slot that stands there ends. */
async function endOf(slots: readonly Slot[], index: number): Promise<Ending> {
  for (;;) {
    const slot = slots[index];
    if (slot === undefined) return { reason: 'stopped', detail: '' };
    const ending = await slot.supervised.ended;
    if (slots[index] === slot) return ending;
  }
}

interface Hearing {
  readonly shadowSink: ShadowSink | undefined;
  readonly ask: MoverChild['ask'] | undefined;
  /** What a worker is told as soon as it hears. */
  readonly welcome: () => OwnershipNews;
  readonly onAnswer: (answer: StatusAnswer) => void;
}

function forkWorker(
  environment: Readonly<Record<string, string>>,
  { shadowSink, ask, welcome, onAnswer }: Hearing,
): Worker['process'] {
  const worker = cluster.fork(environment);
  let isWelcome = false;
  worker.on('message', (message: unknown) => {
    if (isStatusAnswer(message)) {
      if (!isWelcome && worker.isConnected()) {
        const welcoming: OwnershipMessage = { banyan: 'ownership', news: welcome() };
        worker.send(welcoming, () => undefined);
      }
      isWelcome = true;
      onAnswer(message);
    } else if (isShadowDelta(message)) shadowSink?.add(message.delta);
    else if (isAcknowledgeQuestion(message)) askMover(worker, ask, message.question);
    else if (isShadowWrites(message) || isOwnership(message)) tellOthers(worker, message);
  });
  // A channel that breaks is a worker that died; its exit is handled.
  worker.on('error', () => undefined);
  return worker.process;
}

function askMover(worker: Worker, ask: MoverChild['ask'] | undefined, question: AcknowledgeQuestion): void {
  const reply = (answer: AcknowledgeAnswerMessage['answer']): void => {
    const message: AcknowledgeAnswerMessage = { banyan: 'acknowledge', answer };
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  if (ask === undefined) reply({ id: question.id, degraded: 'no-mover' });
  else ask(question, reply);
}

/** What one worker wrote, a read that another took may have met; whom one found to be owner, others need not look for. */
function tellOthers(from: Worker | undefined, message: ShadowWritesMessage | OwnershipMessage): void {
  for (const other of Object.values(cluster.workers ?? {})) {
    if (other !== undefined && other !== from && other.isConnected()) other.send(message, () => undefined);
  }
}

async function askStatus(
  slot: Slot,
  listeners: Map<number, (answer: StatusAnswer) => void>,
): Promise<ProcessStatus | undefined> {
  const { child } = slot.supervised;
  if (child?.pid === undefined || !child.connected || slot.last === undefined) return slot.last?.status;
  const { promise, resolve } = Promise.withResolvers<void>();
  listeners.set(child.pid, () => resolve());
  const question: StatusQuestion = { banyan: 'status?' };
  child.send(question, () => undefined);
  await within(answerLimitMs, promise).catch(() => undefined);
  listeners.delete(child.pid);
  return slot.last?.status;
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`nothing came within ${ms} ms`)), ms);
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function logEvent(event: SupervisionEvent, log: Logger): void {
  if (event.kind === 'started') {
    log.info({ worker: event.name, workerPid: event.pid, restarts: event.restarts }, 'worker has started');
  } else if (event.kind === 'crashed') {
    const { name, restartInMs, detail } = event;
    log.error({ worker: name, restartInMs, detail }, 'worker died; it is started again');
  } else if (event.ending.reason === 'gave-up') {
    log.fatal({ worker: event.name, detail: event.ending.detail }, 'worker cannot be kept running');
  }
}
