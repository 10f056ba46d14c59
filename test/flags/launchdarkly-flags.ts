import { openFlags, type Flags } from '#flags/client.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { LaunchDarklySource } from '#flags/launchdarkly-source.ts';
import { silent, wanted, type FlagJson } from './flag-files.ts';
import type { LaunchDarklyServer } from './launchdarkly-server.ts';

/** Flags from a test server; no counts unless the test is about them. */
export async function openStream(
  server: Pick<LaunchDarklyServer, 'url'>,
  options: Partial<LaunchDarklySource> & { log?: Logger } = {},
): Promise<Flags> {
  const { log = silent, ...source } = options;
  const { url } = server;
  return await openFlags({
    source: {
      kind: 'launchdarkly',
      sdkKey: 'sdk-test',
      baseUri: url,
      streamUri: url,
      eventsUri: url,
      sendEvents: false,
      reconnectMs: 10,
      ...source,
    },
    wanted,
    log,
  });
}

/** As LaunchDarkly sends it: with its key, a version, and null where there is nothing. */
export function sent(key: string, version: number, flag: FlagJson): FlagJson {
  return {
    key,
    version,
    deleted: false,
    prerequisites: [],
    targets: [],
    contextTargets: [],
    rules: [],
    debugEventsUntilDate: null,
    clientSide: false,
    trackEvents: false,
    ...flag,
  };
}
