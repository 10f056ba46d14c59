import { openFlags, type Flags, type FlagSource } from '#flags/client.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { RouteTable } from '#proxy/route/table.ts';
import { createLog, type Logger } from '#shared/telemetry/log.ts';

export interface ConfiguredFlagsOptions {
  readonly table: RouteTable;
  readonly log: Logger;
  /**
   * Whether it is for one look from the command line, which must not count as use: LaunchDarkly gets nothing of it,
   * whatever the configuration says. Default false.
   */
  readonly forOneLook?: boolean;
}

/**
 * Opens the flag source that the configuration names, with all flags that its routes name.
 * @throws an Error that lists everything that is wrong with a flag file
 */
export function openConfiguredFlags(config: Config, options: ConfiguredFlagsOptions): Promise<Flags> {
  const { table, log, forOneLook = false } = options;
  const source = sourceOf(config.flags);
  const asked = source.kind === 'launchdarkly' && forOneLook ? { ...source, sendEvents: false } : source;
  return openFlags({ source: asked, wanted: table.flags.all, log });
}

/** For a command line, which tells itself what is wrong, in words and not in log lines. */
export function silentLog(): Logger {
  return createLog({ name: 'banyan', level: 'silent' });
}

/**
 * Checks the flag file that the configuration names. LaunchDarkly's service is not asked: this works offline, without a key.
 * @returns whether there was a file to check
 * @throws an Error that lists everything that is wrong with it
 */
export async function checkFlagFile(config: Config, table: RouteTable): Promise<boolean> {
  if (config.flags.source !== 'file') return false;
  const flags = await openConfiguredFlags(config, { table, log: silentLog() });
  await flags.close();
  return true;
}

function sourceOf(flags: Config['flags']): FlagSource {
  if (flags.source === 'file') return { kind: 'file', path: flags.path };
  const { sdkKey, baseUri, streamUri, eventsUri, sendEvents } = flags;
  return { kind: 'launchdarkly', sdkKey, baseUri, streamUri, eventsUri, sendEvents };
}
