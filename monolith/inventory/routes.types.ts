import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import type { InventoryModels } from './models.ts';
import type { Reclaim } from './reclaim.ts';

export interface InventoryRoutesOptions {
  readonly models: InventoryModels;
  readonly checkCaller: CallerCheck;
  /** Frees what ran out, whoever held it, before anyone is told that there is not enough. */
  readonly reclaim: Reclaim;
  readonly now: () => Date;
}
