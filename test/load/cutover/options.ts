import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf } from '#shared/errors/message.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of a benchmark, each with its default. `--help` tells what there is and ends with 0; what is wrong ends with 2
 * before anything is started. An option whose default is a number takes a number above 0.
 */
export function readOptions<const T extends Options>(help: string, options: T) {
  if (process.argv.includes('--help')) {
    process.stdout.write(help);
    process.exit(0);
  }
  const { values } = parse(help, options);
  for (const [name, value] of Object.entries(values)) {
    const isNumber = Number(options[name]?.default) > 0;
    if (isNumber && !(Number(value) > 0))
      refuse(help, `--${name} must be a number above 0, not ${String(value)}`);
  }
  return values;
}

function parse<const T extends Options>(help: string, options: T) {
  try {
    return parseArgs({ options });
  } catch (error) {
    return refuse(help, messageOf(error));
  }
}

/** Says what is wrong, and ends with 2. */
export function refuse(help: string, message: string): never {
  process.stderr.write(`error: ${message}\n${help}`);
  process.exit(2);
}
