import { cutoverPlan } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

/** Each has a table of its own, so that they can take turns within a few milliseconds: the machine's noise hits all alike. */
export const variants = {
  bare: 'items_bare',
  '1 bucket': 'items_one',
  '256 buckets': 'items_many',
  '1 bucket, fixed search path': 'items_path',
} as const;

export type Variant = keyof typeof variants;

const columns = ['id', 'email', 'name', 'active', 'admin', 'secret', 'created_at', 'updated_at'];

export function gatePlan(url: string): CutoverPlan {
  const applier = new URL(url);
  applier.username = 'gate_bench_applier';
  applier.password = 'gate-bench';
  const database = { url: applier.href, installUrl: url };
  const dataset = (name: string) => {
    const table = { table: name, key: ['id'], partitionKey: ['id'] };
    return {
      monolith: table,
      service: table,
      columns: columns.map((column) => ({ monolith: column, service: column })),
    };
  };
  return cutoverPlan('bench', {
    monolith: database,
    service: database,
    groups: {
      one: { buckets: 1, datasets: { one: dataset('items_one') } },
      path: { buckets: 1, datasets: { path: dataset('items_path') } },
      many: { buckets: 256, datasets: { many: dataset('items_many') } },
    },
  });
}
