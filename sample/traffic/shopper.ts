import { seededEmail, seededPassword } from '#sample/seed/population.ts';
import type { SessionPlan } from './plan.ts';
import type { ProfileText } from './words.ts';

/** What a visitor remembers: enough to notice when an answer contradicts an earlier one. */
export interface Shopper {
  readonly email: string;
  readonly password: string;
  /** Makes keys that no other session and no earlier run has used. */
  readonly mark: string;
  /** What `POST /auth/introspect` wants to see; it is no user's. */
  readonly introspectionKey: string;
  userId: number | undefined;
  accessToken: string | undefined;
  refreshToken: string | undefined;
  /** Own writes of this visit, which every later answer must show. */
  name: string | undefined;
  profile: ProfileText | undefined;
  /** `undefined` stands for a deleted one. */
  readonly preferences: Map<string, string | undefined>;
  order: { readonly id: number; readonly totalCents: number; state: string } | undefined;
  nextPage: string | undefined;
  /** The proxy's mark of the last own write, which every later request carries. */
  seen: string | undefined;
}

export interface ShopperOptions {
  /** Tells this run from earlier ones on the same data. */
  readonly runId: string;
  readonly introspectionKey: string;
}

export function createShopper(plan: SessionPlan, { runId, introspectionKey }: ShopperOptions): Shopper {
  const mark = `${runId}-${plan.number}`;
  return {
    email: plan.userId === undefined ? `new-${mark}@example.com` : seededEmail(plan.userId),
    password: seededPassword,
    mark,
    introspectionKey,
    userId: plan.userId,
    accessToken: undefined,
    refreshToken: undefined,
    name: undefined,
    profile: undefined,
    preferences: new Map(),
    order: undefined,
    nextPage: undefined,
    seen: undefined,
  };
}
