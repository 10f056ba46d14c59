import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '#shared/errors/code.ts';
import type { Status } from '#proxy/control/status.ts';

export interface ReloadOptions {
  /** Tells the proxy to read its configuration again. */
  readonly hup: () => void;
  readonly status: () => Promise<Pick<Status, 'workers'> | undefined>;
  readonly signal: AbortSignal;
  /** Milliseconds for all workers together. Default 60,000. */
  readonly withinMs?: number;
}

const pollMs = 50;

/**
 * Makes `banyan run` take its configuration anew, and waits until every worker has it and the last request of those before
 * them has its answer.
 * @throws an Error where that takes too long; an AbortError
 */
export async function reloadProxy({ hup, status, signal, withinMs = 60_000 }: ReloadOptions): Promise<void> {
  const before = (await status())?.workers.map(({ pid }) => pid) ?? [];
  if (before.length === 0)
    throw new Error('the proxy does not answer, so its configuration cannot be changed');
  hup();
  for (const deadline = Date.now() + withinMs; ; await delay(pollMs, undefined, { signal })) {
    if (!before.some(isAlive) && (await status())?.workers.length === before.length) return;
    if (Date.now() > deadline)
      throw new Error(
        `the proxy did not take its new configuration within ${withinMs / 1_000} s: see proxy.log`,
      );
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
