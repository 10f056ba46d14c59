import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { supervise } from '#shared/process/supervisor.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import type { AcknowledgeAnswer, AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';
import { acknowledgeRelay } from './acknowledge-relay.ts';
import { isMoverAnswer, isMoverOwnership, isMoverReport, type MoverQuestion } from './mover-messages.ts';
import type { MoverStatus } from './mover-status.ts';

export interface MoverChild {
  /** What it said last; empty until it has said anything, and after a crash. */
  status(): readonly MoverStatus[];
  /** Whether both sides have what one has committed; see `AcknowledgeQuestion`. Always answered, unless it hangs. */
  ask(question: AcknowledgeQuestion, reply: (answer: AcknowledgeAnswer) => void): void;
  stop(withinMs: number): Promise<void>;
}

const program = fileURLToPath(new URL('../../banyan.ts', import.meta.url));

/**
 * The mover as a child of `banyan run`, started again when it dies: a copy that eats memory or hangs must not take the
 * data plane along. The proxies serve on without it.
 */
export function startMoverChild(options: {
  readonly arguments: readonly string[];
  readonly log: Logger;
  /** Who owns what, for the proxies. */
  readonly onOwnership: (news: OwnershipNews) => void;
}): MoverChild {
  const { log, onOwnership } = options;
  let last: readonly MoverStatus[] = [];
  const relay = acknowledgeRelay((question) => {
    const { child } = supervised;
    if (child?.connected !== true) return false;
    const message: MoverQuestion = { banyan: 'acknowledge?', question };
    child.send(message, (error) => {
      if (error !== null) relay.answered({ id: question.id, degraded: 'no-mover' });
    });
    return true;
  });
  const fork = (): ChildProcess => {
    const child = spawn(process.execPath, [program, 'mover', ...options.arguments], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.on('message', (message) => {
      if (isMoverReport(message)) last = message.movers;
      else if (isMoverOwnership(message)) onOwnership(message.news);
      else if (isMoverAnswer(message)) relay.answered(message.answer);
    });
    return child;
  };
  const supervised = supervise({
    name: 'mover',
    program,
    fork,
    onEvent(event) {
      if (event.kind !== 'started') {
        last = [];
        relay.moverGone();
      }
      if (event.kind === 'started')
        log.info({ pid: event.pid, restarts: event.restarts }, 'the mover has started');
      else if (event.kind === 'crashed')
        log.error(
          { detail: event.detail, restartInMs: event.restartInMs },
          'the mover died; it is started again',
        );
      else if (event.ending.reason === 'gave-up')
        log.error(
          { detail: event.ending.detail },
          'the mover cannot be kept running; the proxies serve on without it',
        );
    },
  });
  return {
    status: () => last,
    ask: (question, reply) => relay.ask(question, reply),
    stop: (withinMs) => supervised.stop(withinMs),
  };
}
