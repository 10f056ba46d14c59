import { Pool, type Dispatcher } from 'undici';
import { sendAgainIfLost } from '#monolith/lost-connection.ts';
import { problem } from '#shared/errors/problem.ts';
import type { Caller } from './caller.ts';
import type { AuthDelegation } from './delegation.types.ts';
import { callerOfAnswer } from './introspection-answer.ts';

export interface RemoteCallerCheckOptions {
  /** `http://host:port` of the user-service. */
  readonly url: string;
  readonly introspectionKey: string;
  /** Milliseconds for one check, its retry included. Default 2,000. */
  readonly timeoutMs?: number;
  /** Connections that are kept open at most; more checks at once wait for one. Default 32. */
  readonly maxConnections?: number;
}

const answerLimitBytes = 64 * 1024;

/**
 * Asks the user-service about each token, each time, so that a logout works at once. Whatever keeps it from saying yes
 * or no is 503 `auth-unavailable`: that a caller is unknown is said only by the user-service.
 */
export function remoteCallerCheck(options: RemoteCallerCheckOptions): AuthDelegation {
  const { url, introspectionKey, timeoutMs = 2_000, maxConnections = 32 } = options;
  const pool = new Pool(url, {
    connections: maxConnections,
    connect: { timeout: timeoutMs },
    maxResponseSize: answerLimitBytes,
  });

  return {
    async checkCaller(token) {
      try {
        return await ask(token, AbortSignal.timeout(timeoutMs));
      } catch (cause) {
        throw problem(503, 'auth-unavailable', 'It cannot be checked now who calls; try again in a moment.', {
          headers: { 'Retry-After': '1' },
          cause,
        });
      }
    },
    close: () => pool.close(),
  };

  async function ask(token: string, signal: AbortSignal): Promise<Caller | undefined> {
    const { statusCode, body } = await sendAgainIfLost(() => send(token, signal), signal);
    if (statusCode === 200) return callerOfAnswer(await body.text());
    await body.dump();
    const remedy = statusCode === 401 ? ': INTROSPECTION_KEY must be the same on both sides' : '';
    throw new Error(`the user-service answered an introspection with ${statusCode}${remedy}`);
  }

  function send(token: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return pool.request({
      method: 'POST',
      path: '/auth/introspect',
      headers: { authorization: `Bearer ${introspectionKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      signal,
    });
  }
}
