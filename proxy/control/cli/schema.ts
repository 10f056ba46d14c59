import { Command } from 'commander';
import { configJsonSchema } from '#proxy/config/json-schema.ts';
import type { Call } from './program.ts';

export function schemaCommand({ output }: Call): Command {
  return new Command('schema')
    .description('print the JSON Schema of banyan.yaml, for editors')
    .action(() => output.out(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`));
}
