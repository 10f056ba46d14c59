import type { Customer } from './customers.types.ts';

/**
 * What closing an account leaves in its row, in both systems. The contract shows a closed user to nobody, so where that
 * is asked it is written here; and so is a user of whom this database got no copy.
 */
export function closedCustomer(userId: number): Customer {
  return { name: 'Closed account', email: `closed-${userId}@invalid` };
}
