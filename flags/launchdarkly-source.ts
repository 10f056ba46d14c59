import { format } from 'node:util';
import type { LDLogger, LDOptions } from '@launchdarkly/node-server-sdk';
import { printable } from '#shared/errors/printable.ts';
import type { Logger } from '#shared/telemetry/log.ts';

/** LaunchDarkly's own service, a relay proxy, or whatever else speaks its protocol. */
export interface LaunchDarklySource {
  readonly kind: 'launchdarkly';
  /** Server-side SDK key. */
  readonly sdkKey: string;
  /** Of a relay proxy or a private instance. */
  readonly baseUri?: string | undefined;
  readonly streamUri?: string | undefined;
  readonly eventsUri?: string | undefined;
  /**
   * Whether LaunchDarkly gets the counts of evaluations, one small message every 5 s, so that its pages show which flags
   * are in use. Default true. Never more than counts: routing keys stay here (see `eventOptions`).
   */
  readonly sendEvents?: boolean | undefined;
  /** Milliseconds that `openFlags` waits for the first flags before it goes on with safe answers. Default 5000. */
  readonly waitMs?: number | undefined;
  /** Milliseconds to the first try to reconnect; doubles up to 30 s, with jitter. Default 1000. */
  readonly reconnectMs?: number | undefined;
}

/** @throws Error if the SDK key cannot be sent, as with the line end of a secret's file in it */
export function launchDarklyOptions(source: LaunchDarklySource): LDOptions {
  if (!/^[\x21-\x7e]+$/.test(source.sdkKey)) {
    throw new Error(
      'the SDK key is empty, or has a space, line end or other character in it that no key has',
    );
  }
  const { baseUri, streamUri, eventsUri, sendEvents = true, reconnectMs = 1_000 } = source;
  return {
    // The SDK takes an option that is undefined for a mistake.
    ...(baseUri === undefined ? {} : { baseUri }),
    ...(streamUri === undefined ? {} : { streamUri }),
    ...(eventsUri === undefined ? {} : { eventsUri }),
    streamInitialReconnectDelay: reconnectMs / 1_000,
    ...eventOptions(sendEvents),
  };
}

/**
 * The SDK sends a summary of counts, and beside it an "index" event for every context that it has not seen for a while:
 * for a proxy that is nearly one for each request, with the routing key in it. A queue without room drops those and keeps
 * the summary, which does not pass through the queue. Experiments and LaunchDarkly's list of contexts get nothing so.
 */
function eventOptions(sendEvents: boolean): LDOptions {
  return { sendEvents, diagnosticOptOut: true, capacity: 0, contextKeysCapacity: 1 };
}

export interface SdkLogOptions {
  readonly log: Logger;
  /** The stream is lost, and why; called again at every try that fails. */
  readonly onLost: (reason: string) => void;
}

// The SDK reports a lost stream nowhere but in its log (9.13.7 has no data source status). A test with a real stream
// fails if these words change.
const lostStream = /^Received (.*) for streaming request - (will retry|giving up permanently)$/s;
const noRoom = /^Exceeded event queue capacity/;

/** The SDK's log as ours: what the caller reports once by itself is kept to debug, the rest keeps its level. */
export function sdkLog(options: SdkLogOptions): LDLogger {
  const { log, onLost } = options;
  const tell = (level: 'warn' | 'error', text: string): void => {
    const [, reason, next] = lostStream.exec(printable(text)) ?? [];
    if (reason !== undefined) {
      log.debug(text);
      onLost(
        next === 'will retry' ? reason : `${reason}; the SDK gave up: correct the SDK key and start again`,
      );
    } else if (noRoom.test(text)) log.trace(text);
    else log[level](text);
  };
  return {
    error: (...words: unknown[]) => tell('error', format(...words)),
    warn: (...words: unknown[]) => tell('warn', format(...words)),
    info: (...words: unknown[]) => log.debug(format(...words)),
    debug: (...words: unknown[]) => log.trace(format(...words)),
  };
}
