import { problem, type Problem } from '#shared/errors/problem.ts';

export function paymentDeclined(failure: string): Problem {
  return problem(
    402,
    'payment-declined',
    `The payment was declined (${failure}). Nothing was charged; try another method.`,
  );
}

export function paymentTimeout(): Problem {
  return problem(
    504,
    'payment-timeout',
    'The payment provider did not answer in time. Pay again: if the first payment went through, it counts and nothing is charged twice.',
  );
}

export function paymentInProgress(): Problem {
  return problem(
    409,
    'payment-in-progress',
    'A payment of this order is under way: look again in a moment.',
    {
      headers: { 'Retry-After': '2' },
    },
  );
}

export function refundExceedsCapture(leftCents: number): Problem {
  return problem(
    409,
    'refund-exceeds-capture',
    `Of this payment ${leftCents} cents are left to refund, which is less than asked for.`,
  );
}

export function paymentNotFound(): Problem {
  return problem(404, 'payment-not-found', 'There is no such payment of yours.');
}
