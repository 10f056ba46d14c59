import type { RetryBudget } from './retry-budget.ts';
import type { LostRequest } from './upstream-connection.ts';

const maxSends = 3;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request that is held whole, and has no answer yet, goes out once more. What never left does, on a new
 * connection. Beyond that, only a safe method (RFC 9110, 9.2.1) whose kept-alive connection was closed before any byte of
 * an answer (RFC 9112, 9.3.1), once, within the budget of all requests: a write may have been done.
 * @param sends how often it was sent to this upstream
 */
export function maySendAgain(
  lost: LostRequest,
  request: { readonly method: string; readonly sends: number },
  budget: RetryBudget,
): boolean {
  if (lost.neverLeft) return request.sends < maxSends;
  return lost.stale && request.sends === 1 && safeMethods.has(request.method) && budget.withdraw();
}
