import type { Side } from '#flags/stages.ts';
import type { DatasetPlan } from '../plan.types.ts';

/** The columns of a row that its image holds, in this sequence: key, partition key, then whatever travels or is needed for it. */
export function capturedColumns(dataset: DatasetPlan, side: Side): string[] {
  const { key, partitionKey } = dataset.tables[side];
  const named = dataset.columns.flatMap((column) => column[side] ?? []);
  return [...new Set([...key, ...partitionKey, ...named])];
}

/** The columns of this side's table that the copy fills. */
export function writtenColumns(dataset: DatasetPlan, side: Side): string[] {
  return [...new Set(dataset.columns.flatMap((column) => column[side] ?? []))];
}
