import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { createTestDatabase } from '#test/support/database.ts';
import { prepare, run } from './bulk-fixture.ts';
import { plainPlan } from './plain-plan.ts';

export interface ItemsPair {
  readonly plan: CutoverPlan;
  readonly monolith: string;
  readonly service: string;
  drop(): Promise<void>;
}

export interface ItemsTable {
  /** Columns of `items` as SQL, on both sides. */
  readonly ddl: string;
  /** Where the service's differ. */
  readonly serviceDdl?: string;
  readonly columns: readonly string[];
  readonly key?: readonly string[];
  readonly buckets?: 1 | 256;
}

/** Two databases with a table `items` each; the monolith owns. */
export async function createItemsPair({
  ddl,
  serviceDdl = ddl,
  columns,
  key = ['id'],
  buckets = 1,
}: ItemsTable): Promise<ItemsPair> {
  const [monolith, service] = await Promise.all([createTestDatabase('empty'), createTestDatabase('empty')]);
  await run(monolith.url, `create table items (${ddl})`);
  await run(service.url, `create table items (${serviceDdl})`);
  const plan = plainPlan({ monolith: monolith.url, service: service.url, columns, key, buckets });
  await prepare(plan, 'monolith');
  return {
    plan,
    monolith: monolith.url,
    service: service.url,
    async drop() {
      await Promise.all([monolith.drop(), service.drop()]);
    },
  };
}
