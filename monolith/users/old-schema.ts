import type { UserRow } from './user-model.ts';

// What the numbers in the tables mean. The rest of the domain speaks the words on the left.

export const activity = { active: 1, suspended: 0, closed: 2 } as const;

export const tokenType = { access: 1, refresh: 2 } as const;

/** A user as the API shows it. */
export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly status: Status;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type Role = 'customer' | 'admin';

/** A closed user is shown to nobody, so `closed` is no status. */
export type Status = 'active' | 'suspended';

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.fullName,
    role: roleOf(row),
    status: row.isActive === activity.active ? 'active' : 'suspended',
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function roleOf(row: Pick<UserRow, 'isAdmin'>): Role {
  return row.isAdmin === 1 ? 'admin' : 'customer';
}
