import type { Router } from 'express';
import { z } from 'zod';
import { requireAdmin, requireCaller } from '#monolith/auth-delegation/caller.ts';
import { pageFields, pageOf } from '#monolith/paging.ts';
import { pathId, textField } from '#monolith/request-fields.ts';
import { exactRouter } from '#shared/http/exact-router.ts';
import { parse } from '#shared/http/express.ts';
import type { InventoryRoutesOptions } from './routes.types.ts';
import { changeProduct, createProduct, findProduct, listProducts, toProduct } from './products.ts';

const maxPriceCents = 100_000_000;

const priceField = z.int().min(1).max(maxPriceCents);
const creation = z.strictObject({
  sku: z
    .string()
    .regex(
      /^[A-Za-z0-9][\w.-]{0,63}$/,
      'must be 1 to 64 letters, digits, ".", "_" or "-", not beginning with a sign',
    ),
  name: textField(200),
  priceCents: priceField,
});
const change = z
  .strictObject({ name: textField(200).optional(), priceCents: priceField.optional() })
  .refine((fields) => Object.keys(fields).length > 0, 'must change something: name or priceCents');
const listing = z.object(pageFields);

export function productRoutes({ models, checkCaller, now }: InventoryRoutesOptions): Router {
  const router = exactRouter();

  router.get('/products', requireCaller(checkCaller), async (request, response) => {
    const { limit, cursor } = parse(listing, request.query, 'query');
    const rows = await listProducts(models, { after: cursor, limit: limit + 1 });
    response.json(pageOf(rows, { limit, idOf: (row) => row.id, show: toProduct }));
  });

  router.get('/products/:id', requireCaller(checkCaller), async (request, response) => {
    response.json(toProduct(await findProduct(models, pathId(request.params['id']))));
  });

  router.post('/products', requireAdmin(checkCaller), async (request, response) => {
    const fields = parse(creation, request.body, 'body');
    const row = await createProduct(models, { ...fields, now: now() });
    response.status(201).location(`/products/${row.id}`).json(toProduct(row));
  });

  router.patch('/products/:id', requireAdmin(checkCaller), async (request, response) => {
    const { name, priceCents } = parse(change, request.body, 'body');
    const row = await changeProduct(models, pathId(request.params['id']), {
      ...(name === undefined ? {} : { name }),
      ...(priceCents === undefined ? {} : { priceCents }),
      updatedAt: now(),
    });
    response.json(toProduct(row));
  });

  return router;
}
