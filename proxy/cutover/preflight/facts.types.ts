import type { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { CatalogTable } from '../catalog/catalog.types.ts';
import type { ServerFacts } from '../catalog/server.ts';
import type { Catalog } from '../catalog/tables.ts';
import type { CutoverPlan, DatasetPlan } from '../plan.types.ts';
import type { ApplierFacts } from './applier.ts';
import type { Remark } from './remark.types.ts';

/** One side as pre-flight read it. */
export interface SideFacts {
  readonly side: Side;
  readonly client: Client;
  readonly catalog: Catalog;
  readonly server: ServerFacts;
  readonly applier: ApplierFacts;
  readonly hasInstallUrl: boolean;
}

export interface PreflightFacts {
  readonly plan: CutoverPlan;
  readonly sides: Readonly<Record<Side, SideFacts>>;
  readonly datasets: readonly DatasetPlan[];
}

/** A dataset's table where it is there. */
export interface FoundTable {
  readonly dataset: DatasetPlan;
  readonly side: Side;
  readonly table: CatalogTable;
}

export type Check = (facts: PreflightFacts) => readonly Remark[];
