import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { serve } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import type { templates } from '#test/support/templates.ts';
import type { System, SystemOptions } from '../contract/system.types.ts';

/** One request as a system got it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: IncomingMessage['headers'];
}

export interface RunningSystem {
  readonly url: string;
  readonly database: TestDatabase;
  /** What clients sent, in the order of arrival: the shadow comparer's own requests are not among them. */
  readonly received: readonly Received[];
  /** From now on requests wait at the door. */
  hold(): Held;
  /** Dies: every connection is cut, nothing listens any more; the database stays. */
  die(): Promise<void>;
  stop(): Promise<void>;
}

export interface Held {
  /** How many wait. */
  readonly waiting: () => number;
  /** Lets all in, and all that come later. */
  readonly release: () => void;
}

export interface SystemPlan {
  readonly name: string;
  readonly template: keyof typeof templates;
  readonly create: (options: SystemOptions) => System;
}

/** Fixed, so that both systems write the same times. */
const now = (): Date => new Date('2026-03-01T08:30:00.250Z');

/** A system in this process, on a database of its own and a free port. */
export async function startSystem({ name, template, create }: SystemPlan): Promise<RunningSystem> {
  const database = await createTestDatabase(template);
  const log = createLog({ name, level: process.env['LOG_LEVEL'] ?? 'silent' });
  const system = create({ databaseUrl: database.url, log, now });
  const received: Received[] = [];
  let door: { readonly opened: Promise<void>; waiting: number } | undefined;

  const served = await serve(
    (request, response) => {
      const { method = '', url = '', headers } = request;
      if (headers['banyan-shadow'] === undefined) received.push({ method, url, headers });
      if (door === undefined) {
        system.listener(request, response);
        return;
      }
      const here = door;
      here.waiting += 1;
      void Promise.race([here.opened, once(response, 'close')]).then(() => {
        here.waiting -= 1;
        system.listener(request, response);
      });
    },
    { name },
  );

  return {
    url: served.url,
    database,
    received,
    hold() {
      const opening = Promise.withResolvers<void>();
      const here = (door = { opened: opening.promise, waiting: 0 });
      return {
        waiting: () => here.waiting,
        release() {
          door = undefined;
          opening.resolve();
        },
      };
    },
    die: () => served.close(0),
    async stop() {
      await served.close(1_000);
      await system.close();
      await database.drop();
    },
  };
}
