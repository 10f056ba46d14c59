import type { Side } from '#flags/stages.ts';

export interface InstallReport {
  readonly side: Side;
  /** One line for each thing that was made, changed or removed; empty: all was as wanted. */
  readonly changes: readonly string[];
}

export interface InstalledState {
  /** Number of the last SQL file that ran; 0: none. */
  readonly version: number;
  /** What differs from the plan, each a sentence; empty: it is as the plan wants it. */
  readonly differences: readonly string[];
}

export interface InstallOptions {
  /** Folder of the numbered SQL files. Default: the program's own. */
  readonly folder?: URL;
  /** Who owns every bucket at the first installation. Default: monolith. */
  readonly owner?: Side;
  /** How long one try waits for a table; writers may queue behind it for so long. Milliseconds. Default: 100. */
  readonly lockWaitMs?: number;
  /** After how long a busy table is given up. Milliseconds. Default: 120,000. */
  readonly giveUpMs?: number;
}
