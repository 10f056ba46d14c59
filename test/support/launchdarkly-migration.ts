import { readFileSync, writeFileSync } from 'node:fs';
import { writeMigrationFiles, type MigrationFiles, type MigrationFilesOptions } from './migration-files.ts';

/** As `writeMigrationFiles`, with the flags from LaunchDarkly at this address; nothing is sent there unless asked for. */
export function writeLaunchDarklyFiles(
  options: MigrationFilesOptions & { readonly url: string; readonly sendEvents?: boolean },
): MigrationFiles {
  const { url, sendEvents = false, ...files } = options;
  const written = writeMigrationFiles(files);
  const source = `flags: { source: launchdarkly, sdkKey: sdk-test, baseUri: '${url}', streamUri: '${url}', eventsUri: '${url}', sendEvents: ${sendEvents} }`;
  const text = readFileSync(written.config, 'utf8').replace(/^flags: .*$/m, source);
  writeFileSync(written.config, text);
  return written;
}
