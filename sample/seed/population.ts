// What stands in the seeded databases, as far as somebody outside of them must know it. The SQL in people.ts and
// shop.ts says the same; a test compares the two.

export interface Population {
  readonly users: number;
  readonly products: number;
  readonly orders: number;
}

/** Rows at scale 1; profiles (8 M), preferences (15 M) and tokens (5 M) follow from the users by the rules of people.ts. */
const full = { users: 12_000_000, products: 200_000, orders: 3_000_000 };

/** The fewest that leave every rule something to act on. */
const fewest = { users: 60, products: 20, orders: 30 };

/** @param scale above 0, up to 1 */
export function populationAt(scale: number): Population {
  const sized = (name: keyof Population): number => Math.max(fewest[name], Math.round(full[name] * scale));
  return { users: sized('users'), products: sized('products'), orders: sized('orders') };
}

export type SeededStatus = 'active' | 'suspended' | 'closed';

export const adminIds = [1, 2, 3] as const;

/** One of each hundreds is suspended or closed; never an admin. */
export const everyNth = { closed: 397, suspended: 53 } as const;

export function seededStatus(id: number): SeededStatus {
  if (id % everyNth.closed === 0) return 'closed';
  return id % everyNth.suspended === 0 ? 'suspended' : 'active';
}

/** Addresses under example.com, which RFC 2606 sets aside. A closed account has given its address up. */
export function seededEmail(id: number): string {
  if (seededStatus(id) === 'closed') return `closed-${id}@invalid`;
  return adminIds.some((admin) => admin === id) ? `admin${id}@example.com` : `user${id}@example.com`;
}

/** Every seeded account's password. It is printed on the screen: these are sample accounts in a private database. */
export const seededPassword = 'banyan-sample';

/** See `passwordCosts`. The password is no secret, and each log-in of the traffic pays for its hash. */
export const seededPasswordCost = 'light';
