import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { QueryTypes, type Sequelize } from 'sequelize';
import type { AuthoriseRequest, Charge, PaymentProvider, RefundRequest } from './provider.types.ts';

/** What the simulated provider does with a payment method. */
interface Behaviour {
  readonly state: 'authorised' | 'declined';
  readonly declineCode?: string;
  /** Whether it says that it had charged this reference before, as after a request that was lost on its way back. */
  readonly saysDuplicate?: boolean;
  /** Whether it never answers; half of the references (by their hash) are charged all the same. */
  readonly silent?: boolean;
}

const behaviours: ReadonlyMap<string, Behaviour> = new Map([
  ['tok_ok', { state: 'authorised' }],
  ['tok_declined', { state: 'declined', declineCode: 'card-declined' }],
  ['tok_timeout', { state: 'authorised', silent: true }],
  ['tok_duplicate', { state: 'authorised', saysDuplicate: true }],
]);
const unknownMethod: Behaviour = { state: 'declined', declineCode: 'unknown-method' };

interface ChargeRow {
  readonly reference: string;
  readonly state: Charge['state'];
  readonly decline_code: string | null;
  readonly amount_cents: number;
}

/**
 * A payment provider for development and tests, deterministic by the method's token. Its books are two tables of their
 * own, so that a restart forgets no charge.
 */
export function simulatedProvider(database: Sequelize): PaymentProvider {
  const charge = async (sql: string, values: Record<string, unknown>): Promise<Charge | undefined> => {
    const [row] = await database.query<ChargeRow>(sql, { replacements: values, type: QueryTypes.SELECT });
    return row === undefined ? undefined : toCharge(row);
  };

  const find = (reference: string): Promise<Charge | undefined> =>
    charge('select * from simulated_charges where reference = :reference', { reference });

  const findKnown = async (reference: string): Promise<Charge> => {
    const found = await find(reference);
    if (found === undefined) throw new Error(`the provider knows no charge ${reference}`);
    return found;
  };

  const record = (request: AuthoriseRequest, behaviour: Behaviour): Promise<Charge | undefined> =>
    charge(
      `insert into simulated_charges (reference, state, decline_code, amount_cents)
       values (:reference, :state, :declineCode, :amountCents) on conflict do nothing returning *`,
      {
        reference: request.reference,
        amountCents: behaviour.state === 'authorised' ? request.amountCents : 0,
        state: behaviour.state,
        declineCode: behaviour.declineCode ?? null,
      },
    );

  return {
    async authorise(request, signal) {
      const behaviour = behaviours.get(request.methodToken) ?? unknownMethod;
      if (behaviour.silent === true) {
        if (chargesInSilence(request.reference)) await record(request, behaviour);
        return silence(signal);
      }
      const made = await record(request, behaviour);
      if (made !== undefined) return { ...made, duplicate: behaviour.saysDuplicate === true };
      return { ...(await findKnown(request.reference)), duplicate: true };
    },
    find,
    async capture(reference) {
      const captured = await charge(
        `update simulated_charges set state = 'captured'
          where reference = :reference and state = 'authorised' returning *`,
        { reference },
      );
      return captured ?? findKnown(reference);
    },
    async release(reference) {
      const released = await charge(
        `insert into simulated_charges as c (reference, state) values (:reference, 'released')
         on conflict (reference) do update
           set state = case when c.state = 'authorised' then 'released' else c.state end
         returning *`,
        { reference },
      );
      return released ?? findKnown(reference);
    },
    refund: (request) => refund(database, request),
  };
}

/** Whether a charge whose answer never comes takes place: fixed for each reference. */
export function chargesInSilence(reference: string): boolean {
  return (createHash('sha256').update(reference).digest().at(0) ?? 0) % 2 === 0;
}

async function silence(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw new Error('the provider did not answer');
}

/** The provider's own fence: what goes back is never more than what was captured. */
async function refund(database: Sequelize, request: RefundRequest): Promise<void> {
  await database.transaction(async (transaction) => {
    const values = { replacements: { ...request }, transaction, type: QueryTypes.SELECT } as const;
    const [charge] = await database.query<ChargeRow>(
      `select * from simulated_charges where reference = :chargeReference and state = 'captured' for update`,
      values,
    );
    const [sums] = await database.query<{ cents: number; known: boolean }>(
      `select coalesce(sum(amount_cents), 0)::bigint as cents, coalesce(bool_or(reference = :reference), false) as known
         from simulated_refunds where charge_reference = :chargeReference`,
      values,
    );
    if (sums?.known === true) return;
    if ((charge?.amount_cents ?? 0) < (sums?.cents ?? 0) + request.amountCents) {
      throw new Error(`the provider refuses to refund more than it captured for ${request.chargeReference}`);
    }
    await database.query(
      `insert into simulated_refunds (reference, charge_reference, amount_cents)
       values (:reference, :chargeReference, :amountCents)`,
      { replacements: { ...request }, transaction },
    );
  });
}

function toCharge(row: ChargeRow): Charge {
  return {
    reference: row.reference,
    state: row.state,
    amountCents: row.amount_cents,
    ...(row.decline_code === null ? {} : { declineCode: row.decline_code }),
  };
}
