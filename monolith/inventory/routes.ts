import { Router } from 'express';
import type { CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { adjustmentRoutes } from './adjustment-routes.ts';
import type { InventoryModels } from './models.ts';
import { productRoutes } from './product-routes.ts';
import type { Reclaim } from './reclaim.ts';
import { reservationRoutes } from './reservation-routes.ts';

export interface InventoryRoutesOptions {
  readonly models: InventoryModels;
  readonly checkCaller: CallerCheck;
  /** Frees what ran out, whoever held it, before anyone is told that there is not enough. */
  readonly reclaim: Reclaim;
  readonly now: () => Date;
}

/** `/products…` and `/inventory/…`, to be mounted at the root. */
export function inventoryRoutes(options: InventoryRoutesOptions): Router {
  return Router().use(productRoutes(options), adjustmentRoutes(options), reservationRoutes(options));
}
