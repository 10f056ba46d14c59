import type { Side } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { CutoverPlan, DatasetPlan, TablePlan } from './plan.types.ts';

type Data = NonNullable<Config['migrations'][string]['data']>;

/** What each migration with a `data` section moves. */
export function cutoverPlans(config: Config): CutoverPlan[] {
  return Object.entries(config.migrations).flatMap(([migration, { data }]) => {
    return data === undefined ? [] : [cutoverPlan(migration, data)];
  });
}

export function cutoverPlan(migration: string, data: Pick<Data, Side | 'groups'>): CutoverPlan {
  const databaseOf = ({ url, installUrl }: Data[Side]) => ({ url, installUrl });
  return {
    migration,
    databases: { monolith: databaseOf(data.monolith), service: databaseOf(data.service) },
    groups: Object.entries(data.groups).map(([name, { buckets, datasets }]) => ({
      name,
      buckets,
      datasets: Object.entries(datasets).map(([dataset, { monolith, service, columns }]): DatasetPlan => ({
        name: dataset,
        group: name,
        buckets,
        tables: { monolith: tablePlan(monolith), service: tablePlan(service) },
        columns: columns.map((column) => ({
          monolith: column.monolith,
          service: column.service,
          toService: column.toService,
          toMonolith: column.toMonolith,
        })),
      })),
    })),
  };
}

function tablePlan(table: Data['groups'][string]['datasets'][string][Side]): TablePlan {
  const [first = '', second] = table.table.split('.');
  const { key, partitionKey, filter } = table;
  return second === undefined
    ? { schema: 'public', table: first, key, partitionKey, filter }
    : { schema: first, table: second, key, partitionKey, filter };
}

export function otherSide(side: Side): Side {
  return side === 'monolith' ? 'service' : 'monolith';
}

/** One column that is filled on the other side, and from what. */
export interface MappedColumn {
  /** Column of the side that is written. */
  readonly column: string;
  /** SQL over the columns of the side that is read. `undefined`: `source` as it is, cast to the type of `column`. */
  readonly expression: string | undefined;
  /** Column of the side that is read; `undefined` where only an expression fills it. */
  readonly source: string | undefined;
}

/** What is written on the other side when a row of `from` is copied, in the order of the configuration. */
export function mappingFrom(dataset: DatasetPlan, from: Side): MappedColumn[] {
  const to = otherSide(from);
  return dataset.columns.flatMap((column) => {
    const written = column[to];
    const expression = from === 'monolith' ? column.toService : column.toMonolith;
    if (written === undefined || (expression === undefined && column[from] === undefined)) return [];
    return [{ column: written, expression, source: column[from] }];
  });
}

export const bothSides = ['monolith', 'service'] as const satisfies readonly Side[];
