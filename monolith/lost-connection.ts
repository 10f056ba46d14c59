import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '#shared/errors/code.ts';

const pauseMs = 50;

/** Failures of a connection on which no answer began. */
const lostConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/**
 * Sends a request that changes nothing, and once more where its connection was lost: the other side may have closed a
 * kept one just now, or be between two instances. No more than once, since that would only add to a load that it cannot
 * carry.
 */
export async function sendAgainIfLost<Answer>(
  send: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    if (!lostConnection.has(codeOf(error) ?? '')) throw error;
    await delay(pauseMs, undefined, { signal });
    return send();
  }
}
