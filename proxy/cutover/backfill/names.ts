import { escapeIdentifier } from 'pg';
import type { TablePlan } from '../plan.types.ts';

/** The table, quoted, with its schema. */
export function tableName({ schema, table }: TablePlan): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

export function columnList(columns: readonly string[], alias?: string): string {
  return columns.map((column) => named(column, alias)).join(', ');
}

/** `array[k1::text, k2::text]::text`: how a row is called in banyan.applied and banyan.parked. */
export function keyText(columns: readonly string[], alias?: string): string {
  return `${keyArray(columns, alias)}::text`;
}

export function keyArray(columns: readonly string[], alias?: string): string {
  return `array[${columns.map((column) => `${named(column, alias)}::text`).join(', ')}]`;
}

/** The dummy table whose lock keeps chunks and applies of one dataset apart. */
export function copyLock(datasetId: number): string {
  return `banyan.copy_lock_${datasetId}`;
}

function named(column: string, alias: string | undefined): string {
  return alias === undefined ? escapeIdentifier(column) : `${alias}.${escapeIdentifier(column)}`;
}
