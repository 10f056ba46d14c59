import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { launchDarklyServer, type LaunchDarklyServer } from '#test/flags/launchdarkly-server.ts';
import { sent } from '#test/flags/launchdarkly-flags.ts';
import type { FlagJson } from '#test/flags/flag-files.ts';
import { banyan, type CliResult } from '#test/support/cli.ts';
import { writeLaunchDarklyFiles } from '#test/support/launchdarkly-migration.ts';
import type { MigrationFiles } from '#test/support/migration-files.ts';

let server: LaunchDarklyServer;
let files: MigrationFiles;

beforeEach(async () => {
  server = await launchDarklyServer();
  files = writeLaunchDarklyFiles({ url: server.url, sendEvents: true });
});
afterEach(async () => {
  files.remove();
  await server.stop();
});

/** The flags of the flag file, with changes, as LaunchDarkly sends them. */
function give(changes: Readonly<Record<string, FlagJson | undefined>> = {}): void {
  const { flags } = JSON.parse(readFileSync(files.flags, 'utf8')) as { flags: Record<string, FlagJson> };
  const all = Object.entries({ ...flags, ...changes }).flatMap(([key, flag]) =>
    flag === undefined ? [] : [[key, sent(key, 1, { ...flags[key], ...flag })] as const],
  );
  server.setData({ flags: Object.fromEntries(all) });
}

const explain = (...args: string[]): Promise<CliResult> =>
  banyan('explain', ...args, '--config', files.config);

test('a look from the command line is no use of the flags: LaunchDarkly gets no counts of it', async () => {
  give();
  expect((await explain('GET', '/items/7')).out).toMatch(/goes to +old/);
  expect(server.events).toEqual([]);
});

// Regression: it told stage off, as if that were known of the running proxies.
test('with LaunchDarkly away it does not say where a request goes, but why it cannot', async () => {
  server.setStatus(401);
  const { code, out, error } = await explain('GET', '/items/7');
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(error).toMatch(
    /where GET \/items\/7 goes cannot be told: no flags came from LaunchDarkly \(.*401.*\)\. A proxy that had them keeps the last ones/,
  );
});

test('what no route takes goes by no flag, so it is told all the same', async () => {
  server.setStatus(401);
  expect((await explain('GET', '/else')).out).toMatch(/goes to +old/);
});

test('a migration flag that is not there is told, and not taken for stage off', async () => {
  give({ 'items-stage': undefined });
  const { code, error } = await explain('PUT', '/items/7');
  expect(code).toBe(1);
  expect(error).toContain('there is no flag "items-stage". A proxy that has seen a good value keeps it');
});

test('a kill switch that is not there matters for a read alone', async () => {
  give({ 'items-kill': undefined });
  expect(await explain('GET', '/items/7')).toMatchObject({ code: 1 });
  expect((await explain('PUT', '/items/7')).out).toMatch(/goes to +old/);
});

test('what is wrong with the read flag is noted: every proxy gives its reads to the monolith', async () => {
  give({ 'items-stage': { fallthrough: { variation: 2 } }, 'items-reads': undefined });
  const { code, out } = await explain('GET', '/items/7');
  expect(code).toBe(0);
  expect(out).toMatch(/goes to +old/);
  expect(out).toMatch(/note +there is no flag "items-reads", so the monolith answers/);
});
