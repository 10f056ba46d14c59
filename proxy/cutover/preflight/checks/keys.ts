import type { CatalogUnique } from '#proxy/cutover/catalog/catalog.types.ts';
import type { Check, FoundTable } from '../facts.types.ts';
import { foundTables, placeOfTable } from '../found-tables.ts';
import type { Remark } from '../remark.types.ts';

/** Keys that do not name one row, and unique constraints that two owners could not keep together. */
export const keyChecks: Check = (facts) =>
  foundTables(facts).flatMap((found) => [
    ...keyIsUnique(found),
    ...keyColumns(found),
    ...partitionColumns(found),
    ...uniquesAcrossBuckets(found),
  ]);

function keyIsUnique({ dataset, side, table }: FoundTable): Remark[] {
  const { key } = dataset.tables[side];
  const exact = table.uniques.filter((unique) => isWhole(unique) && sameSet(unique.columns, key));
  if (exact.some(({ deferrable }) => !deferrable)) return [];
  if (exact.length > 0) {
    return [
      {
        side,
        place: placeOfTable(table),
        code: 'unique-deferrable',
        severity: 'error',
        message: `its key (${key.join(', ')}) is unique only at the end of a transaction, so no INSERT … ON CONFLICT can use it`,
        remedy: 'Make the constraint not deferrable, or add a plain unique index over the same columns.',
      },
    ];
  }
  const better = table.uniques.find((unique) => isWhole(unique) && !unique.deferrable);
  const instead = better === undefined ? '' : `, or take (${better.columns.join(', ')}) as key: it is unique`;
  return [
    {
      side,
      place: placeOfTable(table),
      code: 'key-not-unique',
      severity: 'error',
      message: `no unique index says that the key (${key.join(', ')}) names one row`,
      remedy: `create unique index concurrently on ${placeOfTable(table)} (${key.join(', ')})${instead}`,
    },
  ];
}

function keyColumns({ dataset, side, table }: FoundTable): Remark[] {
  return dataset.tables[side].key.flatMap((name): Remark[] => {
    const column = table.columns.find((known) => known.name === name);
    if (column === undefined) return [];
    const at = { side, place: placeOfTable(table, name) };
    const remarks: Remark[] = [];
    if (!column.notNull) {
      remarks.push({
        ...at,
        code: 'key-nullable',
        severity: 'error',
        message: 'is a column of the key and may be null; rows with a null have no key',
        remedy: `alter table ${placeOfTable(table)} alter column ${name} set not null`,
      });
    }
    if (/^(real|double precision|json|xml|money)$/.test(column.type)) {
      remarks.push({
        ...at,
        code: 'key-type',
        severity: 'error',
        message: `is a column of the key, and two equal values of ${column.type} may have different texts`,
        remedy: 'Choose another key, or store it in an exact type.',
      });
    }
    if (!column.deterministicCollation || column.type.replace(/^.*\./, '') === 'citext') {
      remarks.push({
        ...at,
        code: 'key-collation',
        severity: 'error',
        message: 'holds texts equal that differ in their bytes, so one row would have several keys',
        remedy:
          'Use a deterministic collation for the key, with a second unique index over lower(…) where needed.',
      });
    }
    return remarks;
  });
}

function partitionColumns({ dataset, side, table }: FoundTable): Remark[] {
  const { partitionKey, key } = dataset.tables[side];
  const remarks = partitionKey.flatMap((name): Remark[] => {
    const column = table.columns.find((known) => known.name === name);
    if (column === undefined || column.notNull || key.includes(name)) return [];
    return [
      {
        side,
        place: placeOfTable(table, name),
        code: 'partition-key-nullable',
        severity: 'error',
        message:
          'is a column of the partition key and may be null; a row without it lies in no certain bucket',
        remedy: `alter table ${placeOfTable(table)} alter column ${name} set not null`,
      },
    ];
  });
  const moving = partitionKey.filter((name) => !key.includes(name));
  if (moving.length > 0 && dataset.buckets > 1) {
    remarks.push({
      side,
      place: placeOfTable(table, moving[0]),
      code: 'partition-key-changes',
      severity: 'note',
      message: `is a column of the partition key and not of the key (${key.join(', ')}), so applications might change it; the gate refuses that`,
      remedy:
        'Look through the applications for updates of it; a row that must move is deleted and inserted.',
    });
  }
  return remarks;
}

function uniquesAcrossBuckets({ dataset, side, table }: FoundTable): Remark[] {
  if (dataset.buckets === 1) return [];
  const { partitionKey } = dataset.tables[side];
  return table.uniques.flatMap((unique): Remark[] => {
    if (partitionKey.every((column) => unique.columns.includes(column))) return [];
    // Each side fills these by itself, and its own sequence never gives a number twice.
    if (
      !unique.hasExpression &&
      unique.columns.every((column) => isOwnNumber({ dataset, side, table }, column))
    )
      return [];
    const what = unique.hasExpression ? 'an expression' : `(${unique.columns.join(', ')})`;
    return [
      {
        side,
        place: placeOfTable(table),
        code: 'unique-across-buckets',
        severity: 'error',
        message: `${unique.name} keeps ${what} unique without the partition key (${partitionKey.join(', ')}): with 256 buckets both sides could give one value away at once`,
        remedy: `Write buckets: 1 for group ${dataset.group}, or put the partition key into the constraint.`,
      },
    ];
  });
}

/** A column that does not travel and is drawn from a sequence on its own side. */
function isOwnNumber({ dataset, side, table }: FoundTable, name: string): boolean {
  const column = table.columns.find((known) => known.name === name);
  const travels = dataset.columns.some((mapped) => mapped[side] === name);
  if (travels || column === undefined) return false;
  return column.identity !== '' || column.sequence !== undefined;
}

function isWhole(unique: CatalogUnique): boolean {
  return unique.isValid && !unique.isPartial && !unique.hasExpression && !unique.isExclusion;
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
