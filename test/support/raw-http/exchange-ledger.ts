import { expect } from '@jest/globals';
import type { ExchangeReport } from '#proxy/http/seam.ts';

/** One request as it was read behind the proxy; `id` is its `x-request-id`. */
export interface Arrival {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly bodyLength: number;
}

/** Compares what the proxy decided on with what was read behind it, over all cases of a run. */
export interface ExchangeLedger {
  /**
   * Fails unless each arrival is one that was decided on and has not come before, and each answered exchange arrived.
   * A client that left early has no answer, but its request may have arrived, even after that of the next case.
   */
  check(reports: readonly ExchangeReport[], arrivals: readonly Arrival[]): void;
}

export function createExchangeLedger(): ExchangeLedger {
  const decided = new Map<string, string>();
  const arrived = new Set<string>();
  return {
    check(reports, arrivals) {
      for (const { head, requestBytes } of reports)
        decided.set(head.id, `${head.method} ${head.target} ${requestBytes}`);
      for (const { id, method, target, bodyLength } of arrivals) {
        expect(`${id} ${method} ${target} ${bodyLength}`).toBe(`${id} ${decided.get(id)}`);
        expect(arrived.has(id) ? `${id} came twice` : id).toBe(id);
        arrived.add(id);
      }
      const answered = reports.filter(({ failure }) => failure === undefined);
      expect(answered.filter(({ head }) => !arrived.has(head.id))).toEqual([]);
    },
  };
}
