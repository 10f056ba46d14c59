import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import type { Random, Writes } from './writes.ts';

export interface Clients {
  /** Transactions that were committed or rolled back as they wished. */
  readonly done: () => number;
  /** Lets each finish what it has in hand. @throws what no history may meet: an error in a statement of ours */
  stop(): Promise<void>;
}

/** Longest pause between two transactions of a client: the copy must keep up on a machine that does other things. */
const pauseMs = 100;

/** Constraints that the history itself runs into, deadlocks, a server that goes away: a transaction that did not happen. */
const expected = /^(23|40|57|08|53|55P03)/;

/** Clients of the owner, each with transactions of its own, again and again; they connect anew when they are cut off. */
export function startClients(options: {
  readonly url: string;
  readonly writes: Writes;
  readonly count: number;
  readonly seed: number;
}): Clients {
  const stopping = new AbortController();
  const { signal } = stopping;
  let done = 0;
  const live = async (number: number): Promise<void> => {
    const random = randomFrom(options.seed + number);
    while (!signal.aborted) {
      const client = new Client({ connectionString: options.url, application_name: `client ${number}` });
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!signal.aborted) {
          try {
            await client.query(options.writes.transaction(random));
            done += 1;
            await delay(random(pauseMs));
          } catch (cause) {
            const code = codeOf(cause);
            if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) throw cause;
            if (!expected.test(code)) throw cause;
            await client.query('rollback');
          }
        }
      } catch (cause) {
        const code = codeOf(cause) ?? '';
        if (/^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' && !expected.test(code)) throw cause;
        await delay(50);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  };
  const lives = Array.from({ length: options.count }, (_, number) => live(number));
  const ended = Promise.allSettled(lives);
  return {
    done: () => done,
    async stop() {
      stopping.abort();
      for (const end of await ended) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** xorshift32: the same history for the same seed, as far as the clients' turns allow. */
export function randomFrom(seed: number): Random {
  let state = (seed * 2_654_435_761) | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
