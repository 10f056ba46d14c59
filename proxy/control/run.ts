import type { Config } from '#proxy/config/schema.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openShadowStore } from '#proxy/shadow/report/open-store.ts';
import { serveAdmin } from './admin.ts';
import { startMoverChild } from './mover/mover-child.ts';
import { hasData } from './mover/mover-role.ts';
import { startWorkers, type Workers } from './workers.ts';

export interface Running {
  /** Tells every worker what control knows of owners and copies. */
  readonly learnOwnership: Workers['learnOwnership'];
  /** Replaces one worker after the other; see `Workers.roll`. */
  roll(): Promise<void>;
  stop(): Promise<void>;
  readonly ended: Workers['ended'];
}

export interface RunOptions {
  /** The call's own options (`--config …`), handed to each worker. */
  readonly arguments: readonly string[];
  readonly log: Logger;
}

/** Beyond its own drain, before a worker is killed. */
const stopGraceMs = 5_000;

/**
 * `banyan run`: the workers of the proxy role, and one admin port for all of them; the mover where a migration has data.
 * @throws an Error whose message says what to do when the admin port or the first worker cannot be opened
 */
export async function run(config: Config, options: RunOptions): Promise<Running> {
  const { log } = options;
  const stopWithinMs = config.drain.notReadyFor + config.drain.within + stopGraceMs;
  const state: { workers?: Workers; draining: boolean } = { draining: false };
  const store = await openShadowStore({ url: config.state.url, retention: config.shadow.retention, log });
  const mover = hasData(config)
    ? startMoverChild({
        arguments: options.arguments,
        log,
        onOwnership: (news) => state.workers?.learnOwnership(news),
      })
    : undefined;
  const admin = await serveAdmin({
    ...config.admin,
    log,
    shadow: { store, config },
    notReady: () =>
      state.draining ? 'draining' : state.workers?.listen() === undefined ? 'starting' : undefined,
    cutover: () => mover?.status(),
    status: async () => {
      const status = await state.workers?.status();
      return status && { ...status, cutover: mover?.status() };
    },
  }).catch(async (error: unknown) => {
    await Promise.all([mover?.stop(0), store.close()]);
    throw error;
  });
  const workers = startWorkers({
    config,
    log,
    arguments: options.arguments,
    stopWithinMs,
    shadowSink: store,
    ask: (question, reply) =>
      mover === undefined ? reply({ id: question.id, degraded: 'no-mover' }) : mover.ask(question, reply),
  });
  state.workers = workers;
  const { ended, ready } = workers;
  void ended.then(async () => {
    await Promise.all([admin.close(1_000), mover?.stop(stopGraceMs)]);
    await store.close();
  });
  try {
    await ready;
  } catch (error) {
    await Promise.all([workers.stop(0), mover?.stop(0)]);
    throw error;
  }
  log.info({ ...workers.listen(), adminPort: admin.port }, 'banyan is ready');
  let stopped: Promise<void> | undefined;
  return {
    ended,
    learnOwnership: (news) => workers.learnOwnership(news),
    roll: () => workers.roll(),
    stop: () =>
      (stopped ??= (async () => {
        state.draining = true;
        await Promise.all([workers.stop(stopWithinMs), mover?.stop(stopGraceMs)]);
        await admin.close(1_000);
        await store.close();
      })()),
  };
}
