import { z } from 'zod';

// What a client relies on in each answer. Loose objects: a new field is no fault, a missing or changed one is.

const id = z.int().positive();
const time = z.iso.datetime({ precision: 3 });
const text = z.string().nullable();

export const user = z.looseObject({
  id,
  email: z.string().includes('@'),
  name: z.string().min(1),
  role: z.enum(['customer', 'admin']),
  status: z.enum(['active', 'suspended']),
  createdAt: time,
  updatedAt: time,
});

export const profile = z.looseObject({
  displayName: text,
  bio: text,
  phone: text,
  birthDate: text,
  city: text,
  country: text,
  locale: text,
  timeZone: text,
  updatedAt: time,
});

export const preferences = z.looseObject({ items: z.record(z.string(), z.string()) });

export const preference = z.looseObject({ key: z.string(), value: z.string(), updatedAt: time });

export const session = z.looseObject({
  accessToken: z.string().min(20),
  refreshToken: z.string().min(20),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int().positive(),
  userId: id,
});

export const introspection = z.discriminatedUnion('active', [
  z.looseObject({ active: z.literal(false) }),
  z.looseObject({ active: z.literal(true), userId: id, role: z.enum(['customer', 'admin']), exp: z.int() }),
]);

export const product = z.looseObject({
  id,
  sku: z.string(),
  name: z.string(),
  priceCents: z.int().positive(),
  currency: z.literal('EUR'),
  stock: z.looseObject({ onHand: z.int(), reserved: z.int(), available: z.int() }),
});

export const order = z.looseObject({
  id,
  userId: id,
  state: z.enum(['pending', 'paid', 'shipped', 'cancelled', 'expired']),
  totalCents: z.int().positive(),
  lines: z
    .array(z.looseObject({ productId: id, quantity: z.int().positive(), unitPriceCents: z.int() }))
    .min(1),
});

export function page<S extends z.ZodType>(item: S) {
  return z.looseObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

export const problem = z.looseObject({
  code: z.string(),
  status: z.int(),
  errors: z.array(z.looseObject({ path: z.string(), message: z.string() })).default([]),
});
