export type Role = 'customer' | 'admin';

/** What a caller may see and set. A closed account is never shown. */
export type Status = 'active' | 'suspended';

/** A user as the API shows it. */
export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly status: Status;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Select list that reads a row of `accounts` as a `User`; JSON writes its times in ISO 8601, UTC, milliseconds. */
export const userColumns =
  'user_id as id, email, name, role, status, created_at as "createdAt", updated_at as "updatedAt"';
