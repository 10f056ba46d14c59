import type { Side } from '#flags/stages.ts';

/** What one migration moves, from `migrations.*.data`, with every default filled in. */
export interface CutoverPlan {
  readonly migration: string;
  readonly databases: Readonly<Record<Side, DatabasePlan>>;
  readonly groups: readonly GroupPlan[];
}

export interface DatabasePlan {
  /** As the applier's login. */
  readonly url: string;
  /** As a login that may create schemas, roles and triggers. */
  readonly installUrl: string | undefined;
}

/** Datasets that move together. */
export interface GroupPlan {
  readonly name: string;
  readonly buckets: 1 | 256;
  /** Parents first. */
  readonly datasets: readonly DatasetPlan[];
}

/** One table on each side that hold the same rows. */
export interface DatasetPlan {
  /** Unique in the migration, over all its groups. */
  readonly name: string;
  readonly group: string;
  readonly buckets: 1 | 256;
  readonly tables: Readonly<Record<Side, TablePlan>>;
  readonly columns: readonly ColumnPlan[];
}

export interface TablePlan {
  readonly schema: string;
  readonly table: string;
  /** Unique and not null together; the n-th is the n-th of the other side. */
  readonly key: readonly string[];
  readonly partitionKey: readonly string[];
  /** SQL condition over this side's columns. */
  readonly filter: string | undefined;
}

export interface ColumnPlan {
  readonly monolith: string | undefined;
  readonly service: string | undefined;
  /** SQL over the monolith's columns; `undefined`: the column itself, cast to the service's type. */
  readonly toService: string | undefined;
  readonly toMonolith: string | undefined;
}
