import type { Check } from '../facts.types.ts';
import { bothSides, foundTables, namedColumns, placeOfTable } from '../found-tables.ts';
import type { Remark } from '../remark.types.ts';

const kinds: Readonly<Record<string, string>> = {
  f: 'a foreign table, on which the gate cannot stand',
  v: 'a view',
  m: 'a materialised view',
};

/** Tables and columns that are not there, or of a kind that cannot be gated. */
export const tableChecks: Check = (facts) => [
  ...missingTables(facts),
  ...foundTables(facts).flatMap((found): Remark[] => {
    const { table, side, dataset } = found;
    const at = { side, place: placeOfTable(table) };
    const remarks: Remark[] = [];
    const kind = kinds[table.kind];
    if (kind !== undefined) {
      remarks.push({
        ...at,
        code: 'table-kind',
        severity: 'error',
        message: `is ${kind}`,
        remedy: 'Name the table that holds the rows, in the database that holds it.',
      });
    }
    if (table.isPartition) {
      remarks.push({
        ...at,
        code: 'table-kind',
        severity: 'error',
        message: 'is one partition of a table; rows written through the parent would have another gate',
        remedy: 'Name the partitioned table itself.',
      });
    }
    if (table.kind === 'p') {
      remarks.push({
        ...at,
        code: 'table-kind',
        severity: 'note',
        message: 'is partitioned; the triggers stand on the parent and on every partition, also on new ones',
        remedy:
          'Attach and detach no partition that holds rows while the copy runs: that moves rows past the triggers.',
      });
    }
    if (table.persistence === 'u') {
      remarks.push({
        ...at,
        code: 'table-unlogged',
        severity: 'error',
        message: 'is unlogged; a crash empties it, and nothing would say so to the other side',
        remedy: `alter table ${placeOfTable(table)} set logged`,
      });
    }
    if (table.inherits || table.hasChildren) {
      remarks.push({
        ...at,
        code: 'table-inherits',
        severity: 'error',
        message: 'takes part in inheritance; rows of its children show in it and pass its triggers by',
        remedy: 'Make it a partitioned table, or name the children as datasets of their own.',
      });
    }
    const known = new Set(table.columns.map(({ name }) => name));
    for (const column of namedColumns(dataset, side)) {
      if (known.has(column)) continue;
      remarks.push({
        side,
        place: placeOfTable(table, column),
        code: 'column-missing',
        severity: 'error',
        message: `is named by dataset ${dataset.name} and is not there`,
        remedy: `Correct the name; there are: ${[...known].join(', ')}.`,
      });
    }
    return remarks;
  }),
];

const missingTables: Check = ({ datasets, sides }) =>
  datasets.flatMap((dataset) =>
    bothSides.flatMap((side): Remark[] => {
      const { schema, table } = dataset.tables[side];
      const { catalog } = sides[side];
      if (catalog.find(dataset.tables[side]) !== undefined) return [];
      const elsewhere = catalog.tables
        .filter(({ name }) => name === table)
        .map((known) => placeOfTable(known));
      const remedy =
        elsewhere.length > 0
          ? `Write ${elsewhere.join(' or ')}.`
          : 'Correct the name, or run that side’s own schema migrations first.';
      return [
        {
          side,
          place: `${schema}.${table}`,
          code: 'table-missing',
          severity: 'error',
          message: `is the table of dataset ${dataset.name} and is not there, or this role may not see it`,
          remedy,
        },
      ];
    }),
  );
