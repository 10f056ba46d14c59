import type { Side } from '#flags/stages.ts';
import type { CatalogTable } from '../catalog/catalog.types.ts';
import type { DatasetPlan } from '../plan.types.ts';
import type { FoundTable, PreflightFacts } from './facts.types.ts';

export const bothSides = ['monolith', 'service'] as const satisfies readonly Side[];

/** Every dataset's table on each side that has it. What is missing is told once, by the check of tables. */
export function foundTables({ datasets, sides }: PreflightFacts): FoundTable[] {
  return datasets.flatMap((dataset) =>
    bothSides.flatMap((side) => {
      const table = sides[side].catalog.find(dataset.tables[side]);
      return table === undefined ? [] : [{ dataset, side, table }];
    }),
  );
}

export function datasetOf(
  { datasets }: PreflightFacts,
  { side, schema, table }: { readonly side: Side; readonly schema: string; readonly table: string },
): DatasetPlan | undefined {
  return datasets.find(({ tables }) => tables[side].schema === schema && tables[side].table === table);
}

/** Columns of the side that the dataset names: what capture takes of a row. */
export function namedColumns({ columns, tables }: DatasetPlan, side: Side): string[] {
  const { key, partitionKey } = tables[side];
  const mapped = columns.map((column) => column[side]).filter((name) => name !== undefined);
  return [...new Set([...key, ...partitionKey, ...mapped])];
}

export function placeOfTable(
  { schema, name }: Pick<CatalogTable, 'schema' | 'name'>,
  column?: string,
): string {
  return [schema, name, ...(column === undefined ? [] : [column])].join('.');
}
