import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { supervise } from '#shared/process/supervisor.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import { isMoverOwnership, isMoverReport } from './mover-messages.ts';
import type { MoverStatus } from './mover-status.ts';

export interface MoverChild {
  /** What it said last; empty until it has said anything, and after a crash. */
  status(): readonly MoverStatus[];
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
  const fork = (): ChildProcess => {
    const child = spawn(process.execPath, [program, 'mover', ...options.arguments], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    child.on('message', (message) => {
      if (isMoverReport(message)) last = message.movers;
      else if (isMoverOwnership(message)) onOwnership(message.news);
    });
    return child;
  };
  const supervised = supervise({
    name: 'mover',
    program,
    fork,
    onEvent(event) {
      if (event.kind !== 'started') last = [];
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
    stop: (withinMs) => supervised.stop(withinMs),
  };
}
