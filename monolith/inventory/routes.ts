import { Router } from 'express';
import { adjustmentRoutes } from './adjustment-routes.ts';
import type { InventoryRoutesOptions } from './routes.types.ts';
import { productRoutes } from './product-routes.ts';
import { reservationRoutes } from './reservation-routes.ts';

/** `/products…` and `/inventory/…`, to be mounted at the root. */
export function inventoryRoutes(options: InventoryRoutesOptions): Router {
  return Router().use(productRoutes(options), adjustmentRoutes(options), reservationRoutes(options));
}
