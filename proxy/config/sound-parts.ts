import { z } from 'zod';
import {
  adminSchema,
  listenSchema,
  migrationSchema,
  routeSchema,
  routingSchema,
  targetSchema,
} from './schema.ts';
import { shadowRule, type ShadowRuleConfig } from './shadow-rules.ts';
import { stayingRoute } from './staying.ts';

/** Stands for a field that is missing or malformed, which is told elsewhere. */
export const malformed = Symbol('malformed');

export type Sound<T> = { readonly [K in keyof T]: T[K] | typeof malformed };

type Output<Schema extends z.ZodType> = Sound<z.output<Schema>>;

export type SoundTarget = Output<typeof targetSchema>;
export type SoundRoute = Output<typeof routeSchema>;
export type SoundStaying = Output<typeof stayingRoute>;
export interface SoundMigration extends Omit<Output<typeof migrationSchema>, 'routes'> {
  readonly routes: readonly SoundRoute[];
  readonly shadowRules: readonly (ShadowRuleConfig | typeof malformed)[];
}

/** What can be used of a configuration, so that one malformed field does not hide what is wrong between the others. */
export interface SoundParts {
  readonly defaultTarget: unknown;
  readonly listen: Output<typeof listenSchema>;
  readonly admin: Output<typeof adminSchema>;
  readonly routing: Output<typeof routingSchema>;
  /** `undefined` where there is nothing that could be read as targets. */
  readonly targets: Readonly<Record<string, SoundTarget>> | undefined;
  readonly migrations: Readonly<Record<string, SoundMigration>>;
  readonly staying: readonly SoundStaying[];
}

/** @param raw the configuration as YAML gives it, of any shape */
export function soundParts(raw: unknown): SoundParts {
  const targets = own(raw, 'targets');
  const staying = own(raw, 'staying');
  return {
    defaultTarget: own(raw, 'defaultTarget'),
    listen: fields(listenSchema, own(raw, 'listen')),
    admin: fields(adminSchema, own(raw, 'admin')),
    routing: fields(routingSchema, own(raw, 'routing')),
    targets: isMapping(targets) ? each(targets, (target) => fields(targetSchema, target)) : undefined,
    staying: Array.isArray(staying) ? staying.map((route) => fields(stayingRoute, route)) : [],
    migrations: each(own(raw, 'migrations'), (migration) => {
      const routes = own(migration, 'routes');
      const rules = own(own(migration, 'shadow'), 'rules');
      return {
        ...fields(migrationSchema, migration),
        routes: Array.isArray(routes) ? routes.map((route) => fields(routeSchema, route)) : [],
        shadowRules: Array.isArray(rules) ? rules.map((rule) => sound(shadowRule, rule)) : [],
      };
    }),
  };
}

function fields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  raw: unknown,
): Output<z.ZodObject<Shape>> {
  const isSound = raw === undefined || isMapping(raw);
  const values = Object.entries(schema.shape).map(([name, field]) => {
    const parsed = z.safeParse(field, own(raw, name));
    return [name, isSound && parsed.success ? parsed.data : malformed];
  });
  return Object.fromEntries(values) as Output<z.ZodObject<Shape>>;
}

function sound<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> | typeof malformed {
  const parsed = z.safeParse(schema, raw);
  return parsed.success ? parsed.data : malformed;
}

function each<Part>(raw: unknown, read: (part: unknown) => Part): Record<string, Part> {
  if (!isMapping(raw)) return {};
  return Object.fromEntries(Object.entries(raw).map(([name, part]) => [name, read(part)]));
}

function own(raw: unknown, name: string): unknown {
  return isMapping(raw) && Object.hasOwn(raw, name) ? raw[name] : undefined;
}

function isMapping(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
