/**
 * `authorising`: the provider is, or may have been, asked. `authorised`: it holds the money for us. `captured`: we have
 * it. `refunded`: all of it went back. `failed`: no money was taken and none can be any more under this reference.
 */
const paymentStates = ['authorising', 'authorised', 'captured', 'refunded', 'failed'] as const;

export type PaymentState = (typeof paymentStates)[number];

/** Every step a payment may take. */
const paymentSteps: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  authorising: ['authorised', 'failed'],
  authorised: ['captured', 'failed'],
  captured: ['refunded'],
  refunded: [],
  failed: [],
};

/** The states from which one step leads to this one: an update names them, so that no other row takes the step. */
export function statesBefore(to: PaymentState): PaymentState[] {
  return paymentStates.filter((from) => paymentSteps[from].includes(to));
}

/** Those whose money may be on its way: one of these keeps its order from expiring and from a second payment. */
export const liveStates = ['authorising', 'authorised'] as const satisfies readonly PaymentState[];
