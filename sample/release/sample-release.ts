import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { releaseFromUsers } from '#monolith/release/release.ts';
import type { Status } from '#proxy/control/status.ts';
import { processStopMs, type Sample } from '#sample/bring-up.ts';
import type { SampleEvent } from '#sample/events.ts';
import { loopbackUrl } from '#sample/migration.ts';
import { ownConfig } from '#sample/own-config.ts';
import { choosePorts } from '#sample/ports.ts';
import { writing } from '#sample/writing.ts';
import { banyanCommand } from './banyan-command.ts';
import { keysToUsers } from './foreign-keys.ts';
import { reloadProxy } from './reload-proxy.ts';
import { createRelease, type Release } from './release.ts';

export interface SampleReleaseOptions {
  readonly sample: Sample;
  readonly status: () => Promise<Status | undefined>;
  /** Of users' requests, see `Tally`. */
  readonly longest: () => number | undefined;
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

/** The release of the sample's monolith, and the completion of its migration, as a team would do them by hand. */
export async function createSampleRelease(options: SampleReleaseOptions): Promise<Release> {
  const { sample, status, longest, tell, signal } = options;
  const { migration, monolith, monolithDatabase, parts, places, proxy, banyanEnv } = sample;
  let monolithUrl = '';

  return createRelease({
    foreignKeys: (await keysToUsers(monolithDatabase)).length,
    longest,
    tell,
    async startNew() {
      const [port = 0] = await choosePorts(1);
      await monolith.startNext(parts.newMonolith(port));
      monolithUrl = loopbackUrl(port);
    },
    dropKeys: () => releaseFromUsers(monolithDatabase),
    async switchProxy() {
      writeConfig(sample, monolithUrl);
      await reloadProxy({ hup: () => proxy.hup(), status, signal });
    },
    async stopOld() {
      tell({ event: 'stopping', what: parts.monolith.name });
      await monolith.stopPrevious(processStopMs);
    },
    verify: () =>
      banyanCommand(['cutover', 'verify', '--migration', migration.name, '--json'], {
        env: banyanEnv,
        signal,
      }),
    // Not to be ended midway: a Ctrl-C waits for it, some seconds.
    complete: () =>
      banyanCommand(
        ['cutover', 'complete', '--migration', migration.name, '--yes', '--no-way-back', '--json'],
        { env: banyanEnv },
      ),
  });

  function writeConfig({ places: { configFile } }: Sample, url: string): void {
    const text = ownConfig(readFileSync(configFile, 'utf8'), {
      file: configFile,
      migrations: migration.migrations,
      released: { migration: migration.name, monolithUrl: url },
    });
    const draft = `${configFile}.new`;
    writing(places.configFile, () => {
      writeFileSync(draft, text);
      renameSync(draft, configFile);
    });
  }
}
