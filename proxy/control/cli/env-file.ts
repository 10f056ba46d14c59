import { Option } from 'commander';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { codeOf } from '#shared/errors/code.ts';
import { usageError } from './config-option.ts';

/** Before the command: `banyan --env-from FILE cutover status`. */
export function envFileOption(): Option {
  return new Option(
    '--env-from <file>',
    'file of lines NAME=value; a variable that the environment has already stays as it is',
  ).env('BANYAN_ENV_FILE');
}

/** @throws UsageError where there is no such file, or it cannot be read */
export function loadEnvFile(file: string, environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(parseEnv(text(file)))) environment[name] ??= value;
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown';
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    // Not as its cause: a code of the operating system would make it a failure of the program.
    throw usageError(`${file}: ${why}; name another with --env-from or BANYAN_ENV_FILE`);
  }
}
