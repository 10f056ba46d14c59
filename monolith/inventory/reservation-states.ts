// What the numbers in `reservations` mean, and what each step does to the stock: one piece of quantity changes the
// counts of its product by these.

export const reservationStates = { active: 1, consumed: 2, released: 3, expired: 4, returned: 5 } as const;

export type ReservationState = keyof typeof reservationStates;

/** Who decides when a reservation ends: the caller who asked for it, or the order that it belongs to. */
export const heldFor = { caller: 1, order: 2 } as const;

export type Holder = keyof typeof heldFor;

export type ReservationStep = Exclude<ReservationState, 'active'>;

export const reservationSteps: Readonly<
  Record<
    ReservationStep,
    { readonly from: ReservationState; readonly onHand: number; readonly reserved: number }
  >
> = {
  consumed: { from: 'active', onHand: -1, reserved: -1 },
  released: { from: 'active', onHand: 0, reserved: -1 },
  expired: { from: 'active', onHand: 0, reserved: -1 },
  returned: { from: 'consumed', onHand: 1, reserved: 0 },
};

const names = Object.fromEntries(Object.entries(reservationStates).map(([name, number]) => [number, name]));

export function reservationStateName(state: number): ReservationState {
  const name = names[state];
  if (name === undefined) throw new Error(`reservations.state holds ${state}, which means nothing`);
  return name as ReservationState;
}
