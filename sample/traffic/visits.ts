import { adminIds, type Population } from '#sample/seed/population.ts';
import { planSession, type SessionPlan } from './plan.ts';
import { createShopper, type Shopper, type ShopperOptions } from './shopper.ts';
import type { Step } from './steps.ts';

/** A session on its way. */
export interface Visit {
  readonly plan: SessionPlan;
  readonly shopper: Shopper;
  nextStep: number;
}

export interface Visits {
  /** A visit whose next request is due: the one that has waited longest, else a new one; `undefined`: nobody is free. */
  take(now: number): { readonly visit: Visit; readonly step: Step } | undefined;
  /** Gives a visit back after its request; it goes on after its time to think, if it goes on. */
  giveBack(visit: Visit, after: { readonly now: number; readonly goesOn: boolean }): void;
  readonly active: number;
}

export interface VisitsOptions extends ShopperOptions {
  readonly seed: number;
  readonly population: Population;
}

// A small shop at a high rate can have all its accounts in use.
const newVisitAttempts = 50;

/** Deals out the requests of the planned sessions, at no time two sessions on one customer's account. */
export function createVisits({ seed, population, ...shopper }: VisitsOptions): Visits {
  const inUse = new Set<number>();
  // In order of their time, which giveBack keeps: thinking times differ by less than a second.
  const thinking: { readonly visit: Visit; readonly until: number }[] = [];
  let sessions = 0;
  let active = 0;

  function begin(): Visit | undefined {
    for (let attempt = 0; attempt < newVisitAttempts; attempt += 1) {
      const plan = planSession(seed, sessions, population);
      sessions += 1;
      if (plan.userId !== undefined && inUse.has(plan.userId)) continue;
      if (plan.userId !== undefined && isExclusive(plan.userId)) inUse.add(plan.userId);
      active += 1;
      return { plan, shopper: createShopper(plan, shopper), nextStep: 0 };
    }
    return undefined;
  }

  return {
    take(now) {
      const ready = (thinking[0]?.until ?? Infinity) <= now ? thinking.shift()?.visit : undefined;
      const visit = ready ?? begin();
      const step = visit?.plan.steps[visit.nextStep];
      return visit === undefined || step === undefined ? undefined : { visit, step };
    },
    giveBack(visit, { now, goesOn }) {
      visit.nextStep += 1;
      if (goesOn && visit.nextStep < visit.plan.steps.length) {
        const until = now + (visit.plan.thinkMs[visit.nextStep] ?? 0);
        const at = thinking.findLastIndex((other) => other.until <= until);
        thinking.splice(at + 1, 0, { visit, until });
        return;
      }
      active -= 1;
      if (visit.plan.userId !== undefined) inUse.delete(visit.plan.userId);
    },
    get active() {
      return active;
    },
  };
}

/** Two at once on a customer's account would not know each other's writes. The admins only read their own. */
function isExclusive(userId: number): boolean {
  return !adminIds.some((id) => id === userId);
}
