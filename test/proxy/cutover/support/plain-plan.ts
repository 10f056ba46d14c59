import { cutoverPlan } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

export interface PlainPlan {
  readonly monolith: string;
  readonly service: string;
  readonly key?: readonly string[];
  readonly columns: readonly string[];
  readonly buckets?: 1 | 256;
}

/** One table `items`, the same on both sides, copied column by column. */
export function plainPlan({ monolith, service, key = ['id'], columns, buckets = 1 }: PlainPlan): CutoverPlan {
  const table = { table: 'items', key: [...key], partitionKey: [...key] };
  return cutoverPlan('plain', {
    monolith: { url: monolith, installUrl: monolith },
    service: { url: service, installUrl: service },
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
}
