import { Pool } from 'undici';
import { sendAgainIfLost } from '#monolith/lost-connection.ts';
import { problem } from '#shared/errors/problem.ts';
import type { Customer, Customers } from './customers.types.ts';
import { customerOfAnswer } from './user-answer.ts';

export interface RemoteCustomersOptions {
  /** `http://host:port` of what answers by `docs/api/users.openapi.yaml`. */
  readonly url: string;
  /** Milliseconds for all customers of one page together. Default 5,000. */
  readonly timeoutMs?: number;
  /** Customers that one page asks for at once, and connections that are kept open at most. Default 8. */
  readonly atOnce?: number;
}

const answerLimitBytes = 64 * 1024;

/**
 * Asks the user-service for each customer of a page by `GET /users/{id}`, as the admin who called. Not by the list: a
 * page's ids may lie far apart, and the list between them has no bound.
 *
 * Whatever keeps it from knowing one of them is 503 `customers-unavailable`, also a 401: the token counted a moment ago,
 * and where it does not any more, the check before the next try says so.
 */
export function remoteCustomers(options: RemoteCustomersOptions): Customers {
  const { url, timeoutMs = 5_000, atOnce = 8 } = options;
  const pool = new Pool(url, {
    connections: atOnce,
    connect: { timeout: timeoutMs },
    maxResponseSize: answerLimitBytes,
  });

  return {
    async named(ids, token) {
      const failed = new AbortController();
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), failed.signal]);
      const found = new Map<number, Customer>();
      const pending = ids.values();
      // All take from the same ids, so that each is asked for once and no more than `atOnce` at a time.
      const asking = Array.from({ length: Math.min(atOnce, ids.length) }, async () => {
        for (const id of pending) found.set(id, await ask(id, token, signal));
      });
      try {
        await Promise.all(asking);
      } catch (cause) {
        failed.abort();
        await Promise.allSettled(asking);
        throw problem(
          503,
          'customers-unavailable',
          'The customers cannot be named now; try again in a moment.',
          {
            headers: { 'Retry-After': '1' },
            cause,
          },
        );
      }
      return found;
    },
    close: () => pool.close(),
  };

  async function ask(id: number, token: string, signal: AbortSignal): Promise<Customer> {
    const { statusCode, body } = await sendAgainIfLost(
      () =>
        pool.request({
          method: 'GET',
          path: `/users/${id}`,
          headers: { authorization: `Bearer ${token}` },
          signal,
        }),
      signal,
    );
    return customerOfAnswer(id, statusCode, await body.text());
  }
}
