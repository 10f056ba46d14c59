import { Command, InvalidArgumentError, Option } from 'commander';
import type { Side } from '#flags/stages.ts';
import { forceHeader, forceToken } from '#proxy/route/force.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';
import type { Call } from './program.ts';

const longestSeconds = 24 * 3_600;

export function forceTokenCommand({ output }: Call): Command {
  return new Command('force-token')
    .description(
      'print a signed header that sends single reads to one side, for trying a route before its share rises',
    )
    .addOption(
      new Option('--side <side>', 'side that answers').choices(['monolith', 'service']).makeOptionMandatory(),
    )
    .addOption(
      new Option('--ttl <seconds>', 'valid for so long, up to a day').argParser(secondsOf).default(600),
    )
    .addOption(configOption())
    .action((options: ConfigOption & { readonly side: Side; readonly ttl: number }) => {
      const { force } = configOf(options);
      if (force === undefined)
        throw usageError(
          `${options.config} has no "force: { secret: … }", so no header is believed; add it first`,
        );
      const token = forceToken({
        side: options.side,
        secret: force.secret,
        ttlSeconds: options.ttl,
        now: Date.now(),
      });
      output.out(`${forceHeader}: ${token}\n`);
    });
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= longestSeconds) return seconds;
  throw new InvalidArgumentError(`Write whole seconds from 1 to ${longestSeconds}.`);
}
