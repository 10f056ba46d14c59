import type { ReservationStep } from '#monolith/inventory/reservation-states.ts';
import { problem, type Problem } from '#shared/errors/problem.ts';

export const orderStates = ['pending', 'paid', 'shipped', 'cancelled', 'expired'] as const;

export type OrderState = (typeof orderStates)[number];

/** What a step does beside changing the state: the step that the reservations of the order take with it. */
interface OrderStep {
  readonly reservations: ReservationStep | 'stay';
}

/** Every step an order may take, by where it begins and where it ends. What is not here is refused. */
const orderSteps: Readonly<Record<OrderState, Readonly<Partial<Record<OrderState, OrderStep>>>>> = {
  pending: {
    paid: { reservations: 'consumed' },
    cancelled: { reservations: 'released' },
    expired: { reservations: 'expired' },
  },
  paid: {
    shipped: { reservations: 'stay' },
    cancelled: { reservations: 'returned' },
  },
  shipped: {},
  cancelled: {},
  expired: {},
};

/** @throws Problem 409 `wrong-state` that names both states */
export function requireStep(from: OrderState, to: OrderState): OrderStep {
  const step = orderSteps[from][to];
  if (step === undefined) throw wrongState(from, to);
  return step;
}

function wrongState(from: OrderState, to: OrderState): Problem {
  return problem(409, 'wrong-state', `An order that is ${from} cannot become ${to}.`);
}
