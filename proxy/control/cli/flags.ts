import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { FlagDefinition } from '#flags/definitions.ts';
import { unreadableFile } from '#flags/file-access.ts';
import { sharesIn, type Share } from '#flags/share.ts';
import type { Config } from '#proxy/config/schema.ts';
import { routeTable } from '#proxy/route/table.ts';
import { openConfiguredFlags, silentLog } from '../configured-flags.ts';
import { configOf, configOption, type ConfigOption } from './config-option.ts';
import { shareCommand, stageCommand, switchCommand } from './flag-edits.ts';
import { flagFileOf, kindNames } from './flag-file.ts';
import { table as columns, type Output } from './output.ts';
import type { Call } from './program.ts';

export function flagsCommand({ output }: Call): Command {
  return new Command('flags')
    .description('show and change the flags of the flag file; every proxy on it follows at once')
    .helpCommand(false)
    .addCommand(showCommand(output))
    .addCommand(shareCommand(output))
    .addCommand(stageCommand(output))
    .addCommand(switchCommand(output));
}

function showCommand(output: Output): Command {
  return new Command('show')
    .description('print the value of every flag that the configuration names')
    .addOption(configOption())
    .option('--json', 'print as JSON')
    .action(async (options: ConfigOption & { readonly json?: true }) => {
      const config = configOf(options);
      const file = flagFileOf(config);
      const shown = await look(config, file);
      if (options.json === true) {
        output.out(`${JSON.stringify({ file, ...shown }, undefined, 2)}\n`);
        return;
      }
      const rows = shown.flags.map(({ flag, kind, value }) => [flag, kind, value]);
      const notes = shown.notes.map((note) => `note: ${note}\n`);
      output.out(`${columns([['FLAG', 'KIND', 'VALUE'], ...rows])}${notes.join('')}flag file: ${file}\n`);
    });
}

interface Shown {
  readonly flags: readonly { readonly flag: string; readonly kind: string; readonly value: string }[];
  /** What is wrong with single flags although the file as a whole can be used. */
  readonly notes: readonly string[];
}

async function look(config: Config, file: string): Promise<Shown> {
  const table = routeTable(config);
  const flags = await openConfiguredFlags(config, { table, log: silentLog() });
  try {
    const reads = table.flags.all.flatMap(({ kind, key }) => (kind === 'read' ? [key] : []));
    const shares = sharesIn(readText(file), reads);
    const valueOf = (flag: FlagDefinition): string => {
      if (flag.kind === 'migration') return flags.stage(flag);
      if (flag.kind === 'kill') return flags.killed(flag) ? 'on' : 'off';
      return shareText(shares?.get(flag.key));
    };
    const rows = table.flags.all.map((flag) => ({
      flag: flag.key,
      kind: kindNames[flag.kind],
      value: valueOf(flag),
    }));
    return { flags: rows, notes: flags.errors().map(({ detail }) => detail) };
  } finally {
    await flags.close();
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadableFile(file, error);
  }
}

/** A flag that was written by hand may hold anything that LaunchDarkly's evaluator takes. */
function shareText(share: Share | undefined): string {
  if (share === undefined) return '(no share)';
  return share.exceptions ? `${share.percent} %, after targets and rules` : `${share.percent} %`;
}
