import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export interface SampleOptions {
  /** Run the ramp through once, print a summary and end. */
  readonly once: boolean;
  /** Part of the full size (12 million users …) that is seeded, above 0 and up to 1. */
  readonly scale: number;
  /** User requests a second, 1-2,000. */
  readonly rate: number;
  /** Whatever is random follows from it: data, sessions, order of events. 0-2^31-1. */
  readonly seed: number;
  /** Bake time of each step of the ramp, 0.2-3,600 s. */
  readonly stepSeconds: number;
  /** `undefined`: choose a place (`dataPlaces` in data-folder.ts). */
  readonly data: string | undefined;
  /** Where the proxy takes users' requests; 0 takes a free one. */
  readonly port: number;
  /** Where the proxy answers health and status; 0 takes a free one. */
  readonly adminPort: number;
  /** Forget the data of earlier runs. */
  readonly fresh: boolean;
  /** One JSON object a line instead of the view. */
  readonly json: boolean;
  readonly traffic: boolean;
  /** Puts the user-service behind a shim that answers wrongly in some places, so that there is something to find. */
  readonly plantedDifferences: boolean;
}

/** What the command line asks for: a run, or a text to print and the exit code to end with. */
export type Invocation =
  | { readonly kind: 'run'; readonly options: SampleOptions }
  | { readonly kind: 'say'; readonly text: string; readonly exitCode: number };

const examples = `
Examples:
  npm start                                 the whole migration, live; Ctrl-C ends it
  npm start -- --once                       once through, for CI: exit code 1 if a user request failed
  npm start -- --scale 0.01 --rate 300      120,000 users, 300 requests/s
  npm start -- --no-traffic --step-seconds 60   slow steps, your own curl
  npm start -- --json > run.jsonl           for machines
`;

/** Reads the command line. Nothing is printed and the process is not ended: that is the caller's. */
export function readOptions(args: readonly string[]): Invocation {
  let text = '';
  const command = define().exitOverride();
  command.configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) });
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander ends help with 0 and every refusal with 1; a wrong command line is 2 here, as in all our programs.
    return { kind: 'say', text, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  return { kind: 'run', options: command.opts<SampleOptions>() };
}

function define(): Command {
  return new Command('npm start --')
    .description(
      'Runs the sample migration: PostgreSQL, monolith, user-service, the Banyan proxy, user traffic, and the ramp of ' +
        'the user reads from 0 to 100 %. Stays up until Ctrl-C.',
    )
    .usage('[options]')
    .option(
      '--once',
      'run the ramp through, print a summary, end; exit code 1 if a user request failed',
      false,
    )
    .addOption(number('--scale <fraction>', 'part of 12 million users to seed', 0.0005, above(0, 1)))
    .addOption(number('--rate <number>', 'user requests a second', 100, between(1, 2_000)))
    .addOption(number('--seed <number>', 'what is random follows from it', 1, whole(0, 2 ** 31 - 1)))
    .addOption(number('--step-seconds <number>', 'time of each step of the ramp', 8, between(0.2, 3_600)))
    .addOption(new Option('--data <folder>', 'where the data is kept (default: .data beside package.json)'))
    .addOption(
      number('--port <number>', "port for users' requests; 0 takes a free one", 8080, whole(0, 65_535)),
    )
    .addOption(
      number(
        '--admin-port <number>',
        "the proxy's health and status; 0 takes a free one",
        8081,
        whole(0, 65_535),
      ),
    )
    .option('--fresh', 'forget the data of earlier runs in the data folder', false)
    .option('--json', 'one JSON object a line instead of the live view', false)
    .option('--no-traffic', 'send no user requests of our own')
    .option('--planted-differences', 'let the user-service answer wrongly in some places, to be found', false)
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', examples)
    .showHelpAfterError('See npm start -- --help')
    .showSuggestionAfterError()
    .allowExcessArguments(false);
}

interface Range {
  readonly words: string;
  readonly holds: (value: number) => boolean;
}

function between(least: number, most: number): Range {
  return { words: `a number from ${least} to ${most}`, holds: (value) => value >= least && value <= most };
}

function above(bound: number, most: number): Range {
  return {
    words: `a number above ${bound} and up to ${most}`,
    holds: (value) => value > bound && value <= most,
  };
}

function whole(least: number, most: number): Range {
  return {
    words: `a whole number from ${least} to ${most}`,
    holds: (value) => Number.isInteger(value) && value >= least && value <= most,
  };
}

function number(flags: string, description: string, byDefault: number, range: Range): Option {
  return new Option(flags, description).default(byDefault).argParser((text) => {
    // Number('') and Number('0x10') are numbers; nobody means them here.
    const value = /^\d*\.?\d+(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!range.holds(value)) throw new InvalidArgumentError(`Allowed: ${range.words}.`);
    return value;
  });
}
