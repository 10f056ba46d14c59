import { escapeIdentifier } from 'pg';
import type { DatasetPlan } from '../plan.types.ts';
import type { Side } from '#flags/stages.ts';

// PostgreSQL fires the triggers of one event in the alphabet of their names. Ours stand behind its own of foreign keys
// ("RI_…"), so that a cascade's children are captured before their parent; and before all that begin with a small letter,
// so that what an app's trigger writes into the same row is captured after what set it off.
export const writeTrigger = 'Z_banyan_write';
export const placeTrigger = 'Z_banyan_place';
export const truncateTrigger = 'Z_banyan_truncate';

/** Of the database, where the installer may create event triggers. */
export const eventTriggers = ['banyan_guard_changes', 'banyan_guard_drops'] as const;

export function tableName(dataset: DatasetPlan, side: Side): string {
  const { schema, table } = dataset.tables[side];
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

/** Names of what belongs to one dataset, by the number that this side gave it. */
export function objectsOf(datasetId: number) {
  return {
    image: `banyan.image_${datasetId}`,
    write: `banyan.write_${datasetId}`,
    captured: `banyan.captured_${datasetId}`,
    copyLock: `banyan.copy_lock_${datasetId}`,
  };
}
