import { capturedColumns } from './captured-columns.ts';
import type { DatasetTarget } from './dataset-objects.ts';
import type { DatasetTable } from './table-columns.ts';

/** A row's image is read back by a regular expression that counts its fields, where columns were added since. */
const mostFields = 100;

/**
 * Whether a row's image can be the text of the whole row: its table has the captured columns and no others. A partition may
 * have its columns in another sequence, and a trigger sees the partition's row.
 */
export function isWhole({ dataset, side }: DatasetTarget, { partitioned, columns }: DatasetTable): boolean {
  return (
    !partitioned && columns.length <= mostFields && capturedColumns(dataset, side).length === columns.length
  );
}
