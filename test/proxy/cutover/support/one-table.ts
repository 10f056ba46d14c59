import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { cutoverPlan } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { uninstall } from '#proxy/cutover/install/uninstall.ts';
import { databasesOf } from './applier.ts';

export interface OneTable {
  readonly plan: CutoverPlan;
  readonly database: TestDatabase;
  /** As the superuser, in one session that ends with the test's `drop`. */
  readonly session: Client;
  /** A role without any right but on the table `items`. */
  readonly appUrl: string;
  /** What was captured, by seq, its images opened to JSON. */
  changes(): Promise<Change[]>;
  drop(): Promise<void>;
}

export interface Change {
  readonly op: 'P' | 'D' | 'M';
  readonly dataset: number | null;
  readonly bucket: number;
  readonly row: Readonly<Record<string, unknown>> | null;
}

export interface OneTableOptions {
  /** Statements that make the table `items` and whatever else. */
  readonly sql: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly partitionKey?: readonly string[];
  readonly buckets?: 1 | 256;
  readonly filter?: string;
  /** Install at once. Default: true. */
  readonly installed?: boolean;
}

/** A database of its own with one captured table, `items`, of the test's own shape. */
export async function oneTable(options: OneTableOptions): Promise<OneTable> {
  const { sql, columns, key, partitionKey = key, buckets = 1, filter, installed = true } = options;
  const database = await createTestDatabase('empty');
  await database.query(sql);
  const table = {
    table: 'items',
    key: [...key],
    partitionKey: [...partitionKey],
    ...(filter === undefined ? {} : { filter }),
  };
  const plan = cutoverPlan('things', {
    ...databasesOf({ monolith: database.url, service: database.url }),
    groups: {
      things: {
        buckets,
        datasets: {
          items: {
            monolith: table,
            service: table,
            columns: columns.map((name) => ({ monolith: name, service: name })),
          },
        },
      },
    },
  });
  const app = `app_${randomBytes(6).toString('hex')}`;
  await database.query(`create role ${app} login password 'app'; grant all on items to ${app}`);
  const appUrl = new URL(database.url);
  appUrl.username = app;
  appUrl.password = 'app';
  if (installed) await install(plan, 'monolith');
  const session = new Client({ connectionString: database.url });
  await session.connect();
  return {
    plan,
    database,
    session,
    appUrl: appUrl.href,
    async changes() {
      return database.query<Change & Record<string, unknown>>(
        `select op::text as op, dataset_id as dataset, bucket, to_jsonb(image::banyan.image_1) as row
         from banyan.outbox order by seq`,
      );
    },
    async drop() {
      await session.end();
      await uninstall(plan, 'monolith');
      await database.query(`drop owned by ${app}; drop role ${app}`);
      await database.drop();
    },
  };
}
