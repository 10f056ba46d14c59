import { openFlags, type Flags, type FlagSource } from '#flags/client.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { RouteTable } from '#proxy/route/table.ts';
import type { Logger } from '#shared/telemetry/log.ts';

/**
 * Opens the flag source that the configuration names, with all flags that its routes name.
 * @throws an Error that lists everything that is wrong with a flag file
 */
export function openConfiguredFlags(
  config: Config,
  { table, log }: { table: RouteTable; log: Logger },
): Promise<Flags> {
  return openFlags({ source: sourceOf(config.flags), wanted: table.flags.all, log });
}

function sourceOf(flags: Config['flags']): FlagSource {
  if (flags.source === 'file') return { kind: 'file', path: flags.path };
  const { sdkKey, baseUri, streamUri, eventsUri, sendEvents } = flags;
  return { kind: 'launchdarkly', sdkKey, baseUri, streamUri, eventsUri, sendEvents };
}
