import { Argument, Command } from 'commander';
import { flagFileJsonSchema } from '#flags/flag-file-schema.ts';
import { configJsonSchema } from '#proxy/config/json-schema.ts';
import type { Call } from './program.ts';

const schemas = { config: configJsonSchema, flags: flagFileJsonSchema } as const;

export function schemaCommand({ output }: Call): Command {
  return new Command('schema')
    .description('print the JSON Schema of banyan.yaml or of the flag file, for editors')
    .addArgument(new Argument('[of]', 'config or flags').choices(Object.keys(schemas)).default('config'))
    .action((of: keyof typeof schemas) => output.out(`${JSON.stringify(schemas[of](), undefined, 2)}\n`));
}
