import { fileURLToPath } from 'node:url';
import {
  supervise,
  type Ending,
  type Supervised,
  type SupervisionEvent,
} from '#shared/process/supervisor.ts';
import type { Logger } from '#shared/telemetry/log.ts';

const program = fileURLToPath(new URL('../banyan.ts', import.meta.url));

/**
 * `banyan run`: every role on this machine, each in a process of its own that is started again when it dies.
 * @param options.arguments the call's own options (`--config …`), handed to each role
 */
export function runRoles(options: {
  readonly arguments: readonly string[];
  readonly log: Logger;
}): Supervised {
  return supervise({
    name: 'banyan proxy',
    program,
    args: ['proxy', ...options.arguments],
    onEvent: (event) => logEvent(event, options.log),
  });
}

/** What the end of the roles means for the exit code of `banyan run`. */
export function exitCodeOf(ending: Ending): number {
  return ending.reason === 'stopped' ? 0 : 1;
}

function logEvent(event: SupervisionEvent, log: Logger): void {
  if (event.kind === 'started')
    log.info({ role: event.name, pid: event.pid, restarts: event.restarts }, 'role has started');
  else if (event.kind === 'crashed')
    log.error(
      { role: event.name, restartInMs: event.restartInMs, detail: event.detail },
      'role died; it is started again',
    );
  else if (event.ending.reason === 'gave-up')
    log.fatal({ role: event.name, detail: event.ending.detail }, 'role cannot be kept running');
}
