import { escapeIdentifier } from 'pg';
import type { DatasetPlan } from '../plan.types.ts';
import type { Side } from '#flags/stages.ts';

// PostgreSQL fires the triggers of one event in the alphabet of their names. Capture comes first, so that what an app's
// trigger then writes into the same row is captured after what set it off. The one before an update comes last, to see
// what the app's own have made of the row. (A cascade's children are captured after their parent under any name: what a
// foreign key deletes is queued behind the statement's own rows.)
export const writeTrigger = '!banyan_write';
export const placeTrigger = '~banyan_place';
export const truncateTrigger = '!banyan_truncate';
export const unseenTrigger = '!banyan_unseen';

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
    unseen: `banyan.unseen_${datasetId}`,
    captured: `banyan.captured_${datasetId}`,
    copyLock: `banyan.copy_lock_${datasetId}`,
  };
}
