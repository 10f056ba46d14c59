/** The buckets of one group, as one side numbers them. */
export interface Buckets {
  readonly groupId: number;
  readonly buckets: 1 | 256;
}

/** A dataset by the numbers that one side gave it. */
export interface InstalledDataset extends Buckets {
  readonly datasetId: number;
}

/** One run on the side that is filled. */
export interface Run extends InstalledDataset {
  /** bigint as text. */
  readonly runId: string;
}

export type RunPurpose = 'backfill' | 'repair';
