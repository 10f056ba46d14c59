import { Argument, Command, Option } from 'commander';
import { setShares, setStage, setSwitch, type Edited } from '#flags/edit-file.ts';
import { stages, type Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import { fileForEdit } from './flag-file.ts';
import { noteCompletion } from './note-completion.ts';
import type { Output } from './output.ts';

interface EditOption extends ConfigOption {
  readonly json?: true;
}

interface ShareOption extends EditOption {
  readonly migration?: string;
}

export function shareCommand(output: Output): Command {
  return new Command('share')
    .description('set the share of read flags: the part of the keys that the service answers')
    .usage('[options] <flag...> <percent>\n       banyan flags share [options] --migration <name> <percent>')
    .argument('<words...>', 'one or more read flags, then 0 to 100, with up to three decimals')
    .addOption(new Option('-m, --migration <name>', 'all read flags of a migration, in one write'))
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (words: readonly string[], options: ShareOption) => {
      const { named, percent } = wordsOf(words);
      const config = configOf(options);
      const flags = flagsOf(config, named, options.migration);
      const file = fileForEdit(config, 'read', flags);
      const changes = await setShares({ file, flags, percent });
      tell(output, { file, changes, json: options.json, say: (value) => `${value} %` });
    });
}

export function stageCommand(output: Output): Command {
  return new Command('stage')
    .description('set the stage of a migration flag')
    .argument('<flag>')
    .addArgument(new Argument('<stage>').choices(stages))
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (flag: string, stage: Stage, options: EditOption) => {
      const config = configOf(options);
      const file = fileForEdit(config, 'migration', [flag]);
      const edited = await setStage({ file, flag, stage });
      tell(output, { file, changes: [{ flag, ...edited }], json: options.json, say: String });
      await noteCompletion(config, { flag, kind: 'migrationFlag', stage }, output);
    });
}

export function switchCommand(output: Output): Command {
  return new Command('switch')
    .description('turn a kill switch on or off; on takes all reads to the monolith, but at stage complete')
    .addHelpText(
      'after',
      '\nAt stage complete it has no effect: the monolith gets no copy of the data any more, and would answer from the past.',
    )
    .argument('<flag>')
    .addArgument(new Argument('<position>').choices(['on', 'off']))
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (flag: string, position: 'on' | 'off', options: EditOption) => {
      const config = configOf(options);
      const file = fileForEdit(config, 'kill', [flag]);
      const edited = await setSwitch({ file, flag, on: position === 'on' });
      const changes = [{ flag, ...edited }];
      tell(output, { file, changes, json: options.json, say: (on) => (on ? 'on' : 'off') });
      if (position === 'on') await noteCompletion(config, { flag, kind: 'killSwitch' }, output);
    });
}

function jsonOption(): Option {
  return new Option('--json', 'print as JSON');
}

/** The last word is the share; a sign of its own after it (`25 %`) is taken. */
function wordsOf(words: readonly string[]): { readonly named: readonly string[]; readonly percent: number } {
  const all = words.at(-1) === '%' ? words.slice(0, -1) : words;
  const last = all.at(-1) ?? '';
  const digits = /^(\d{1,3}(?:\.\d{1,3})?|\.\d{1,3}) ?%?$/.exec(last)?.[1];
  const percent = Number(digits);
  if (digits !== undefined && percent <= 100) return { named: all.slice(0, -1), percent };
  throw usageError(
    `"${last}" is no share: end with a number from 0 to 100, up to three decimals, e.g. 25 or 0.5`,
  );
}

function flagsOf(
  { migrations }: Config,
  named: readonly string[],
  migration: string | undefined,
): readonly string[] {
  if (migration === undefined) {
    if (named.length > 0) return named;
    throw usageError('name the read flags before the share, or a migration with --migration');
  }
  if (named.length > 0) throw usageError(`name either flags (${named.join(', ')}) or --migration, not both`);
  const found = Object.hasOwn(migrations, migration) ? migrations[migration] : undefined;
  if (found === undefined)
    throw usageError(
      `there is no migration "${migration}"; there are: ${Object.keys(migrations).join(', ') || 'none'}`,
    );
  const flags = found.routes.flatMap(({ readFlag }) => readFlag ?? []);
  if (flags.length > 0) return flags;
  throw usageError(`no route of the migration "${migration}" names a read flag`);
}

interface Answer<Value> {
  readonly file: string;
  readonly changes: readonly (Edited<Value> & { readonly flag: string })[];
  readonly json: true | undefined;
  readonly say: (value: Value) => string;
}

/** Always with the file: which one it is depends on the folder and the environment of the call. */
function tell<Value>(output: Output, { file, changes, json, say }: Answer<Value>): void {
  if (json === true) {
    const told = changes.map(({ flag, from, to }) => ({ flag, from: from ?? null, to }));
    output.out(`${JSON.stringify({ file, changes: told }, undefined, 2)}\n`);
    return;
  }
  const lines = changes.map(({ flag, from, to }) => {
    if (from === to) return `${flag} is ${say(to)} already\n`;
    return `${flag}: ${from === undefined ? '(not a plain value)' : say(from)} → ${say(to)}\n`;
  });
  output.out(`${lines.join('')}flag file: ${file}\n`);
}
