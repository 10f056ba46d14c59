import { Command, CommanderError } from 'commander';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { checkCommand } from './check.ts';
import { diffCommand } from './diff.ts';
import { cutoverCommand } from './cutover/cutover.ts';
import { envFileOption, loadEnvFile } from './env-file.ts';
import { explainCommand } from './explain.ts';
import { flagsCommand } from './flags.ts';
import { forceTokenCommand } from './force-token.ts';
import { exitCodes, terminal, type Output } from './output.ts';
import { moverCommand } from './mover.ts';
import { proxyCommand } from './proxy.ts';
import { replayCommand } from './replay.ts';
import { runCommandOf } from './run.ts';
import { schemaCommand } from './schema.ts';
import { version } from './version.ts';

export interface Call {
  readonly output: Output;
  /** What the command leaves as exit code when it ends without an error. */
  exitCode: number;
}

/**
 * Runs one call of `banyan`.
 * @param args without the program's own name
 * @returns the exit code: 0 well, 1 it failed, 2 wrong call or configuration
 */
export async function runCommand(args: readonly string[], output: Output = terminal): Promise<number> {
  const call: Call = { output, exitCode: exitCodes.ok };
  try {
    await program(call).parseAsync([...args], { from: 'user' });
    return call.exitCode;
  } catch (error) {
    return exitCodeFor(error, output);
  }
}

function program(call: Call): Command {
  const banyan = new Command('banyan')
    .description('Takes one domain out of a running monolith: routes, flags, and a way back at every step.')
    .version(version, '-V, --version', 'print the version')
    .addOption(envFileOption())
    // Before the command reads what the environment says of its own options.
    .hook('preSubcommand', (root) => {
      const { envFrom } = root.opts<{ readonly envFrom?: string }>();
      if (envFrom !== undefined && envFrom !== '') loadEnvFile(envFrom, process.env);
    })
    .helpCommand(false)
    .showHelpAfterError('(banyan --help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: call.output.out, writeErr: call.output.error });
  for (const command of [
    runCommandOf,
    proxyCommand,
    moverCommand,
    cutoverCommand,
    checkCommand,
    explainCommand,
    diffCommand,
    replayCommand,
    flagsCommand,
    forceTokenCommand,
    schemaCommand,
  ]) {
    const child = command(call);
    banyan.addCommand(child);
    inherit(banyan, child);
  }
  return banyan.addHelpText('after', examples);
}

/** Subcommands that are added whole do not take over how the program ends and writes; so they are told, all the way down. */
function inherit(parent: Command, child: Command): Command {
  child.copyInheritedSettings(parent);
  child.showHelpAfterError(`(${pathOf(child)} --help shows what there is)`);
  for (const grandchild of child.commands) inherit(child, grandchild);
  return child;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function exitCodeFor(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  output.error(`banyan: ${messageOf(error)}\n`);
  // With a code of the operating system it is not what was written, but a file that could not be read.
  const byCaller = Error.isError(error) && usageErrors.has(error.name) && codeOf(error) === undefined;
  return byCaller ? exitCodes.usage : exitCodes.failed;
}

/** Errors of the caller's making: what was written, not what happened. */
const usageErrors: ReadonlySet<string> = new Set([
  'ConfigError',
  'FlagFileError',
  'FlagEditError',
  'UsageError',
]);

const examples = `
Examples:
  banyan check                              is banyan.yaml good, and are its flags there?
  banyan run                                serve on this machine
  banyan explain GET /items/17              where would this request go, and why?
  banyan diff --since 2h                    how do the answers of both sides differ?
  banyan flags share items-reads 25         give the service a quarter of the keys
  banyan flags share --migration items 25   the same for all read flags of a migration
  banyan flags switch items-kill-switch on  take all reads back, now
`;
