import type { Charge, PaymentProvider } from '#monolith/payments/provider.types.ts';

type CallName = keyof PaymentProvider;

/**
 * What happens to the next call of a kind: `lost-answer` does the work and never answers; `lost-request` never comes to
 * work; a promise is waited for before the work; a charge is answered instead of the truth.
 */
export type Fate = 'lost-answer' | 'lost-request' | Promise<void> | Charge;

export interface ScriptedProvider extends PaymentProvider {
  readonly charges: Map<string, Charge>;
  /** Reference → cents. */
  readonly refunds: Map<string, number>;
  /** Each call that came, e.g. `capture order-1-1`. */
  readonly calls: string[];
  fate(name: CallName, fate: Fate): void;
}

/** A provider that keeps one charge for each reference, as the interface asks, and whose wires the test cuts. */
export function scriptedProvider(): ScriptedProvider {
  const charges = new Map<string, Charge>();
  const refunds = new Map<string, number>();
  const calls: string[] = [];
  const fates = new Map<CallName, Fate[]>();

  async function through<T>(name: CallName, reference: string, work: () => T): Promise<T> {
    calls.push(`${name} ${reference}`);
    const fate = fates.get(name)?.shift();
    if (fate instanceof Promise) await fate;
    if (fate === 'lost-request') return never();
    const result = work();
    if (fate === 'lost-answer') return never();
    return fate !== undefined && 'reference' in fate ? (fate as T) : result;
  }

  const known = (reference: string): Charge =>
    charges.get(reference) ?? { reference, state: 'released', amountCents: 0 };
  const move = (reference: string, to: Charge['state']): Charge => {
    const charge = known(reference);
    const moved: Charge = charge.state === 'authorised' ? { ...charge, state: to } : charge;
    charges.set(reference, moved);
    return moved;
  };

  return {
    charges,
    refunds,
    calls,
    fate(name, fate) {
      fates.set(name, [...(fates.get(name) ?? []), fate]);
    },
    authorise: ({ reference, amountCents }) =>
      through('authorise', reference, () => {
        const duplicate = charges.has(reference);
        if (!duplicate) charges.set(reference, { reference, state: 'authorised', amountCents });
        return { ...known(reference), duplicate };
      }),
    find: (reference) => through('find', reference, () => charges.get(reference)),
    capture: (reference) => through('capture', reference, () => move(reference, 'captured')),
    release: (reference) => through('release', reference, () => move(reference, 'released')),
    refund: ({ reference, amountCents }) =>
      through('refund', reference, () => {
        refunds.set(reference, amountCents);
      }),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
