import { heldWithinMs } from '#proxy/config/acknowledge.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';
import {
  createAcknowledging,
  type AcknowledgeEvent,
  type Acknowledging,
} from '#proxy/route/acknowledge/acknowledging.ts';
import type { Logger } from '#shared/telemetry/log.ts';

export interface ConfiguredAcknowledgingOptions {
  /** `undefined`: this process is alone, and knows of no mover. */
  readonly ask: ((question: AcknowledgeQuestion) => boolean) | undefined;
  readonly log: Logger;
}

const tellEveryMs = 60_000;

const breakerWords = {
  'breaker-open': ['warn', 'the other side does not keep up: the owner alone answers writes, at once'],
  'breaker-closed': ['info', 'the other side keeps up again: writes are answered when both have them'],
} as const;

/** Holds the answers to the writes of every migration that says `acknowledge: both`. */
export function configuredAcknowledging(
  config: Config,
  { ask, log }: ConfiguredAcknowledgingOptions,
): Acknowledging {
  const within = Object.fromEntries(
    Object.entries(config.migrations).flatMap(([name, { data }]) => {
      const ms = heldWithinMs(data);
      return ms === undefined ? [] : [[name, ms]];
    }),
  );
  if (ask === undefined && Object.keys(within).length > 0)
    log.warn(
      { migrations: Object.keys(within) },
      'acknowledge: both needs the mover of "banyan run"; this proxy runs alone, so every write is answered by the owner alone',
    );
  return createAcknowledging({
    within,
    ask: ask ?? (() => false),
    onEvent: ask === undefined ? undefined : nowAndThen(log),
  });
}

/** Says what goes wrong at once, and again after a while with how often it did meanwhile. */
function nowAndThen(log: Logger): (event: AcknowledgeEvent) => void {
  const books = new Map<string, { toldAt: number; since: number }>();
  return (event) => {
    const { migration } = event;
    if (event.kind !== 'degraded') {
      const [level, message] = breakerWords[event.kind];
      log[level]({ migration }, message);
      return;
    }
    const { reason } = event;
    const place = `${migration} ${reason}`;
    const book = books.get(place) ?? { toldAt: -Infinity, since: 0 };
    books.set(place, book);
    book.since += 1;
    if (performance.now() - book.toldAt < tellEveryMs) return;
    log.warn({ migration, reason, writes: book.since }, 'writes were answered before both sides had them');
    book.toldAt = performance.now();
    book.since = 0;
  };
}
