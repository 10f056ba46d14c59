import { readFileSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { setShare, setStage, setSwitch, type Edited } from '#flags/edit-file.ts';
import { withShare } from '#flags/edit.ts';
import type { FlagDefinition } from '#flags/definitions.ts';
import { stages, type Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { routeTable } from '#proxy/route/table.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { openConfiguredFlags } from '../configured-flags.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import { table as columns, type Output } from './output.ts';
import type { Call } from './program.ts';

export function flagsCommand({ output }: Call): Command {
  return new Command('flags')
    .description('show and change the flags of the flag file; every proxy on it follows at once')
    .helpCommand(false)
    .addCommand(show(output))
    .addCommand(share(output))
    .addCommand(stage(output))
    .addCommand(turn(output));
}

function show(output: Output): Command {
  return new Command('show')
    .description('print the value of every flag that the configuration names')
    .addOption(configOption())
    .option('--json', 'print as JSON')
    .action(async (options: ConfigOption & { readonly json?: true }) => {
      const config = configOf(options);
      const rows = await flagValues(config, flagFileOf(config));
      if (options.json === true) output.out(`${JSON.stringify(rows, undefined, 2)}\n`);
      else
        output.out(
          columns([['FLAG', 'KIND', 'VALUE'], ...rows.map(({ flag, kind, value }) => [flag, kind, value])]),
        );
    });
}

function share(output: Output): Command {
  return new Command('share')
    .description('set the share of a read flag: the part of the keys that the service answers')
    .argument('<flag>')
    .argument('<percent>', '0 to 100, up to three decimals', percentOf)
    .addOption(configOption())
    .action(async (flag: string, percent: number, options: ConfigOption) => {
      tell(
        output,
        flag,
        await setShare({ file: fileFor('read', flag, options), flag, percent }).catch(asUsage),
        (value) => `${value} %`,
      );
    });
}

function stage(output: Output): Command {
  return new Command('stage')
    .description('set the stage of a migration flag')
    .argument('<flag>')
    .addArgument(new Argument('<stage>').choices(stages))
    .addOption(configOption())
    .action(async (flag: string, wanted: Stage, options: ConfigOption) => {
      tell(
        output,
        flag,
        await setStage({ file: fileFor('migration', flag, options), flag, stage: wanted }).catch(asUsage),
        String,
      );
    });
}

function turn(output: Output): Command {
  return new Command('switch')
    .description('turn a kill switch on or off; on takes all reads to the monolith')
    .argument('<flag>')
    .addArgument(new Argument('<position>').choices(['on', 'off']))
    .addOption(configOption())
    .action(async (flag: string, position: 'on' | 'off', options: ConfigOption) => {
      const edited = await setSwitch({
        file: fileFor('kill', flag, options),
        flag,
        on: position === 'on',
      }).catch(asUsage);
      tell(output, flag, edited, (on) => (on ? 'on' : 'off'));
    });
}

function tell<Value>(
  output: Output,
  flag: string,
  { from, to }: Edited<Value>,
  say: (value: Value) => string,
): void {
  const before = from === undefined ? '(not a plain value)' : say(from);
  output.out(from === to ? `${flag} is ${say(to)} already\n` : `${flag}: ${before} → ${say(to)}\n`);
}

/** What an edit refuses is a wrong call: unknown flag, wrong kind, a file that is malformed. */
function asUsage(error: unknown): never {
  throw usageError(Error.isError(error) ? error.message : String(error));
}

/** The flag file, once it is clear that the flag is not one of another kind: the proxies would refuse such an edit. */
function fileFor(kind: FlagDefinition['kind'], flag: string, options: ConfigOption): string {
  const config = configOf(options);
  const other = routeTable(config).flags.all.find((known) => known.key === flag && known.kind !== kind);
  if (other === undefined) return flagFileOf(config);
  throw usageError(`"${flag}" is a ${kindNames[other.kind]}: use "banyan flags ${commands[other.kind]}"`);
}

const commands: Readonly<Record<FlagDefinition['kind'], string>> = {
  migration: 'stage',
  read: 'share',
  kill: 'switch',
};

function flagFileOf({ flags }: Config): string {
  if (flags.source === 'file') return flags.path;
  throw usageError('the flags come from LaunchDarkly: show and change them there');
}

interface FlagRow {
  readonly flag: string;
  readonly kind: string;
  readonly value: string;
}

async function flagValues(config: Config, file: string): Promise<FlagRow[]> {
  const table = routeTable(config);
  const flags = await openConfiguredFlags(config, {
    table,
    log: createLog({ name: 'banyan', level: 'error', fd: 2 }),
  });
  const text = readFileSync(file, 'utf8');
  const valueOf = (flag: FlagDefinition): string => {
    if (flag.kind === 'migration') return flags.stage(flag);
    if (flag.kind === 'kill') return flags.killed(flag) ? 'on' : 'off';
    const { from } = withShare(text, flag.key, 0);
    return from === undefined ? '(by rules)' : `${from} %`;
  };
  try {
    return table.flags.all.map((flag) => ({
      flag: flag.key,
      kind: kindNames[flag.kind],
      value: valueOf(flag),
    }));
  } finally {
    await flags.close();
  }
}

const kindNames: Readonly<Record<FlagDefinition['kind'], string>> = {
  migration: 'stage',
  read: 'share',
  kill: 'kill switch',
};

function percentOf(text: string): number {
  const percent = Number(text.replace(/ ?%$/, ''));
  if (text.trim() !== '' && percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('Write a number from 0 to 100, e.g. 25 or 0.5.');
}
