import { init, type LDClient, type LDOptions } from '@launchdarkly/node-server-sdk';
import { printable } from '#shared/errors/printable.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { FlagDefinition } from './definitions.ts';
import { createEvaluator, type Evaluator } from './evaluation.ts';
import { openFileSource } from './file-source.ts';
import { createFlagErrors, type FlagErrorCount } from './flag-errors.ts';
import { createFlagStore, type FlagStore } from './flag-store.ts';
import { launchDarklyOptions, sdkLog, type LaunchDarklySource } from './launchdarkly-source.ts';
import { isFlagFileError, problemLine } from './problems.ts';
import { createSourceStatus, type FlagStatus, type SourceStatus } from './source-status.ts';

/** A file in LaunchDarkly's format, followed as it changes; no network at all. */
export interface FileFlagSource {
  readonly kind: 'file';
  readonly path: string;
  /** See `FileSourceOptions`. */
  readonly settleMs?: number | undefined;
  readonly graceMs?: number | undefined;
  readonly pollMs?: number | undefined;
}

export type FlagSource = FileFlagSource | LaunchDarklySource;

export interface OpenFlagsOptions {
  readonly source: FlagSource;
  /** Every flag that the configuration names; a flag file must have them all, each of its kind. */
  readonly wanted: readonly FlagDefinition[];
  readonly log: Logger;
}

export interface Flags extends Pick<Evaluator, 'evaluate' | 'stage' | 'killed' | 'read' | 'standIns'> {
  readonly status: () => FlagStatus;
  /** Flags that could not be asked, since the start. */
  readonly errors: () => readonly FlagErrorCount[];
  /**
   * Calls `listener` after each change of the flags and of the source's state.
   * @returns stops it
   */
  readonly onChange: (listener: (status: FlagStatus) => void) => () => void;
  /** Releases sockets, watchers and timers, after sending the last counts (bounded: 1 s). The last flags stay in force. */
  readonly close: () => Promise<void>;
}

const askAgainMs = 60_000;
const flushMs = 1_000;

/**
 * Opens the flags.
 *
 * From a file: resolves with the flags in force, and follows the file. From LaunchDarkly: resolves with the flags in
 * force, or after `waitMs` without them (`never-loaded`, safe answers); they count as soon as they come. In both cases
 * the last good flags stay in force when the source goes, and the last good stage and kill switch when one of those flags
 * is deleted or becomes unusable.
 * @throws FlagFileError if the flag file is missing or malformed, with everything that is wrong with it
 */
export async function openFlags(options: OpenFlagsOptions): Promise<Flags> {
  const { source, wanted, log } = options;
  const listeners = new Set<(status: FlagStatus) => void>();
  const firstWord = Promise.withResolvers<void>();

  const notify = (now: FlagStatus): void => {
    for (const listener of listeners) {
      try {
        listener(now);
      } catch (error) {
        log.error({ err: error }, 'a listener on the flags failed');
      }
    }
  };
  const store = createFlagStore();
  const status = createSourceStatus({
    source: source.kind,
    version: store.version,
    onChange(now) {
      tell(log, now);
      notify(now);
      if (now.state === 'current') firstWord.resolve();
    },
  });

  const client = init(
    source.kind === 'file' ? 'no key: the flags come from a file' : source.sdkKey,
    await sdkOptions({ ...options, store, status }),
  );
  // Without a listener the SDK logs these, each time.
  client.on('error', (error: Error) => status.lost(printable(error.message)));
  client.on('failed', () => firstWord.resolve());

  const errors = createFlagErrors(log);
  const evaluator = createEvaluator({ client, store, errors, wanted });
  store.follow({
    onChange() {
      evaluator.refresh();
      notify(status.read());
    },
    onAll: status.found,
  });
  const { evaluate, stage, killed, read, standIns, forget } = evaluator;
  // LaunchDarkly calls a flag inactive that nobody asked for in a week; kept answers are no evaluations.
  const askingAgain = source.kind === 'launchdarkly' ? setInterval(forget, askAgainMs).unref() : undefined;

  if (source.kind === 'launchdarkly') await within(source.waitMs ?? 5_000, firstWord.promise);
  if (status.read().state === 'never-loaded')
    status.lost(status.read().lastError ?? 'LaunchDarkly has not answered yet');
  let closing: Promise<void> | undefined;
  return {
    evaluate,
    stage,
    killed,
    read,
    standIns,
    status: status.read,
    errors: errors.list,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closing ??= (async () => {
        clearInterval(askingAgain);
        listeners.clear();
        if (source.kind === 'launchdarkly') await within(flushMs, flushed(client));
        client.close();
      })();
      return closing;
    },
  };
}

interface SdkOptions extends OpenFlagsOptions {
  readonly store: FlagStore;
  readonly status: SourceStatus;
}

async function sdkOptions(options: SdkOptions): Promise<LDOptions> {
  const { source, wanted, log, store, status } = options;
  const common = { featureStore: store, logger: sdkLog({ log, onLost: status.lost }) };
  if (source.kind === 'launchdarkly') return { ...common, ...launchDarklyOptions(source) };
  const updateProcessor = await openFileSource({
    ...source,
    wanted,
    onGood: status.found,
    onBad(error) {
      const [first] = isFlagFileError(error) ? error.problems : [];
      status.lost(error.message, first && problemLine(first));
    },
  });
  // Not `offline: true`, which answers every flag with the default: no events and no diagnostics, and a data source of
  // our own, leave the SDK nothing to call out for.
  return { ...common, updateProcessor, sendEvents: false, diagnosticOptOut: true };
}

function tell(log: Logger, { source, state, lastError, version }: FlagStatus): void {
  const details = { source, state, version };
  if (state === 'current') log.info(details, 'the flags are current');
  else if (state === 'stale') log.warn(details, `the last good flags stay in force: ${lastError}`);
  else
    log.error(
      details,
      `no flags yet, so every stage counts as off, the monolith answers and takes the writes: ${lastError}`,
    );
}

async function flushed(client: LDClient): Promise<void> {
  // Rejects when LaunchDarkly refused the key; that was told when it happened.
  await client.flush().catch(() => {});
}

/** Waits for `promise`, at most `ms` milliseconds. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
