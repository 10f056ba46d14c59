import { z } from 'zod';
import { acknowledge, acknowledgeWithin } from './acknowledge.ts';
import { count, duration, name, size } from './values.ts';

// `migrations.*.data`: the data behind a domain, as the cutover engine sees it on both sides.

const postgresUrl = z
  .string('must be a URL, e.g. postgres://login:password@127.0.0.1:5432/shop')
  .refine(
    (text) => URL.canParse(text) && isDatabase(new URL(text)),
    'must be a URL of PostgreSQL, e.g. postgres://login:password@127.0.0.1:5432/shop',
  );

/** `postgres:word@host` is a URL too, and names neither a host nor a database. */
function isDatabase({ protocol, hostname, pathname }: URL): boolean {
  return /^postgres(ql)?:$/.test(protocol) && hostname !== '' && pathname.length > 1;
}

/** 63 bytes are PostgreSQL's own bound on names. */
const identifier = z
  .string('must be the name of a column')
  .min(1, 'must be the name of a column')
  .refine((text) => Buffer.byteLength(text) <= 63, 'must have at most 63 bytes, as PostgreSQL’s names do');

const tableName = z
  .string('must be a table, e.g. public.items')
  .regex(/^[^.]+(\.[^.]+)?$/, 'must be a table, or a schema and a table, e.g. items or public.items');

const expression = z.string('must be an SQL expression').min(1, 'must be an SQL expression');

const database = z.strictObject({
  url: postgresUrl.describe(
    'As the login that alone may write what this side does not own. `banyan cutover install` makes it.',
  ),
  installUrl: postgresUrl
    .optional()
    .describe('As a login that may create schemas, roles and triggers; only `cutover` commands use it.'),
});

const table = z.strictObject({
  table: tableName.describe('`items` or `public.items`; without a schema: public.'),
  key: z
    .array(identifier)
    .min(1, 'must name at least one column')
    .describe('Columns that are unique and not null together; the n-th is the n-th of the other side.'),
  partitionKey: z
    .array(identifier)
    .min(1, 'must name at least one column')
    .describe('Columns that say to which bucket a row belongs; they never change in a row.'),
  filter: expression
    .optional()
    .describe('SQL condition over the columns; rows outside it are not of the domain.'),
});

const column = z
  .strictObject({
    monolith: identifier.optional(),
    service: identifier.optional(),
    toService: expression
      .optional()
      .describe('SQL over the monolith’s columns. Default: the column, cast to the other side’s type.'),
    toMonolith: expression
      .optional()
      .describe('SQL over the service’s columns. Default: the column, cast to the other side’s type.'),
  })
  .refine(
    ({ monolith, service, toService, toMonolith }) =>
      (monolith !== undefined && service !== undefined) ||
      (monolith !== undefined && toMonolith !== undefined) ||
      (service !== undefined && toService !== undefined),
    'must name a column of both sides, or one column and the expression that fills it',
  );

const dataset = z
  .strictObject({
    monolith: table,
    service: table,
    columns: z
      .array(column)
      .min(1, 'must list at least one column')
      .describe('What travels. A column that stands here for neither side keeps its default.'),
  })
  .describe('One table on each side that hold the same rows.');

const group = z
  .strictObject({
    buckets: z
      .union([z.literal(1), z.literal(256)], 'must be 1 or 256')
      .default(1)
      .describe(
        '1: the group moves as a whole. 256: by hash of the partition key, a canary for writes; only where every unique constraint contains the partition key.',
      ),
    datasets: z
      .record(name, dataset)
      .describe('In the order in which rows refer to each other: parents first.'),
  })
  .describe('Datasets that must agree with each other; they move together.');

export const data = z
  .strictObject({
    monolith: database,
    service: database,
    groups: z.record(name, group),
    acknowledge,
    acknowledgeWithin,
    limits: z
      .strictObject({
        outboxSize: size
          .default(8 * 2 ** 30)
          .describe(
            'Captured changes that wait; over it the copy is stopped, never the applications’ writes. Default 8GiB.',
          ),
        outboxAge: duration
          .default(24 * 3_600_000)
          .describe('Of the oldest change that waits; over it the copy is stopped as well. Default 24h.'),
        verifyWithin: duration
          .default(24 * 3_600_000)
          .describe('Every row is compared once within it, all the time. Default 24h.'),
        workers: count(1, 16)
          .default(2)
          .describe('Connections that copy or compare at once, on each side. Default 2.'),
      })
      .prefault({})
      .describe('How much the copy may take.'),
  })
  .describe('The databases of the domain. Without it Banyan routes and compares, and moves no data.');
