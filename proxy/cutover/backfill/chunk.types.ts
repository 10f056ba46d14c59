import type { KeyRange } from './keyset.ts';
import type { Passage, PassagePools } from './passage.ts';
import type { Run } from './run.types.ts';

export interface Chunk extends KeyRange {
  /** From 1, along the key. */
  readonly number: number;
}

export interface ChunkJob {
  readonly pools: PassagePools;
  readonly passage: Passage;
  readonly run: Run;
  readonly chunk: Chunk;
  /** Rows that may still be parked before that is too many. */
  readonly mayPark: number;
  /** Called when the rows are read and nothing is locked yet. For tests of what happens in between. */
  readonly beforeWrite?: (() => Promise<void>) | undefined;
}

export interface ChunkResult {
  readonly read: number;
  readonly written: number;
  readonly parked: number;
  readonly bytes: number;
  /** `undefined`: somebody else had done the chunk. */
  readonly way: Way | undefined;
}

/** `straight`: COPY into the table. `staged`: through a staging table, row by row where one is bad. */
export type Way = 'straight' | 'staged';
