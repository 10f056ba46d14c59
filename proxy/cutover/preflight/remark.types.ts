import type { Side } from '#flags/stages.ts';

/** `error`: the copy can't be right. `warning`: it can, if what is said holds. `note`: to know. */
export const severities = ['error', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

/** One thing that pre-flight has to say. */
export interface Remark {
  readonly code: RemarkCode;
  readonly severity: Severity;
  /** `undefined`: both. */
  readonly side: Side | undefined;
  /** Dataset, table or column: `public.items.price`; `server` for the whole database. */
  readonly place: string;
  readonly message: string;
  readonly remedy: string;
}

/** Everything that pre-flight can say. */
export type RemarkCode =
  | 'unreachable'
  | 'not-installed'
  | 'other-installation'
  | 'table-missing'
  | 'table-kind'
  | 'table-unlogged'
  | 'table-inherits'
  | 'column-missing'
  | 'column-generated'
  | 'column-identity'
  | 'column-unfilled'
  | 'column-not-copied'
  | 'key-not-unique'
  | 'key-nullable'
  | 'key-type'
  | 'key-collation'
  | 'partition-key-nullable'
  | 'partition-key-changes'
  | 'unique-across-buckets'
  | 'unique-deferrable'
  | 'foreign-key-sequence'
  | 'foreign-key-across-groups'
  | 'foreign-key-to-outside'
  | 'foreign-key-from-outside'
  | 'cascade-across'
  | 'cascade-from-outside'
  | 'trigger'
  | 'rule'
  | 'row-security'
  | 'type-depends-on-settings'
  | 'type-of-extension'
  | 'type-zone'
  | 'mapping-fails'
  | 'mapping-not-invertible'
  | 'mapping-changes-text'
  | 'mapping-breaks-check'
  | 'mapping-breaks-not-null'
  | 'partition-text-differs'
  | 'sample-empty'
  | 'digest-differs'
  | 'encoding-differs'
  | 'collation-differs'
  | 'version-too-old'
  | 'in-recovery'
  | 'not-durable'
  | 'standby-asynchronous'
  | 'long-transaction'
  | 'prepared-transaction'
  | 'connections-scarce'
  | 'disk-room'
  | 'installer-lacks'
  | 'applier-is-shared'
  | 'applier-too-strong'
  | 'ids-drawn-by-both';

export interface PreflightReport {
  readonly migration: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly tookMs: number;
  /** By severity, then as they were found. */
  readonly remarks: readonly Remark[];
  readonly datasets: number;
  /** Rows whose mapping was tried there and back. */
  readonly rowsTried: number;
}
