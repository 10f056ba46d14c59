import { z } from 'zod';
import { configSchema } from './schema.ts';

/**
 * The configuration file's JSON Schema (draft 2020-12), for editors: docs/api/banyan.schema.json is its print. Checks
 * that look at several fields at once are not in it; `banyan check` makes those.
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      // Any text may be a reference to the environment, which editors cannot look into.
      if (typeof jsonSchema.pattern === 'string') jsonSchema.pattern = `(?:${jsonSchema.pattern})|\\$\\{`;
    },
  });
  return { title: 'banyan.yaml', ...schema };
}
