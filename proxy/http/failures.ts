import type { FailureCode } from './seam.ts';

/** What one failure means for the client. */
export interface Failure {
  /** HTTP status; 499 is for reports alone, nobody is there to read it. */
  readonly status: number;
  /** Whose fault: tells what an upstream did apart from what a client did. */
  readonly side: 'client' | 'proxy' | 'upstream';
  /** Where the exchange was when it failed. */
  readonly phase: 'receive' | 'decide' | 'connect' | 'send' | 'answer';
  /** Whether the client's connection must end: where its bytes can no longer be told apart, or were not all read. */
  readonly closes: boolean;
  /** Seconds for `Retry-After`. */
  readonly retryAfter?: number;
  /** The sentence that the client reads when there is none of its own. */
  readonly detail: string;
}

/** Every way in which an exchange can fail, and what becomes of it. */
export const failures: Readonly<Record<FailureCode, Failure>> = {
  'client-aborted': {
    status: 499,
    side: 'client',
    phase: 'answer',
    closes: true,
    detail: 'The client left before the answer ended.',
  },
  'client-malformed': {
    status: 400,
    side: 'client',
    phase: 'receive',
    closes: true,
    detail: 'The request is not well-formed HTTP/1.1.',
  },
  'client-header-too-large': {
    status: 431,
    side: 'client',
    phase: 'receive',
    closes: true,
    detail: 'The request line and headers are too large.',
  },
  'client-body-too-large': {
    status: 413,
    side: 'client',
    phase: 'receive',
    closes: true,
    detail: 'The request body is too large.',
  },
  'client-timeout': {
    status: 408,
    side: 'client',
    phase: 'receive',
    closes: true,
    detail: 'The request did not arrive in time.',
  },
  'expectation-failed': {
    status: 417,
    side: 'client',
    phase: 'receive',
    closes: true,
    detail: 'Only the expectation 100-continue can be met.',
  },
  'method-refused': {
    status: 405,
    side: 'client',
    phase: 'receive',
    closes: true,
    detail: 'This method is not allowed here.',
  },
  'no-route': {
    status: 404,
    side: 'proxy',
    phase: 'decide',
    closes: false,
    detail: 'There is no route for this request.',
  },
  'decision-failed': {
    status: 500,
    side: 'proxy',
    phase: 'decide',
    closes: false,
    detail: 'It could not be decided where this request goes.',
  },
  'upstream-unreachable': {
    status: 502,
    side: 'upstream',
    phase: 'connect',
    closes: false,
    detail: 'The upstream could not be reached.',
  },
  'upstream-connect-timeout': {
    status: 504,
    side: 'upstream',
    phase: 'connect',
    closes: false,
    detail: 'The upstream did not accept a connection in time.',
  },
  'upstream-header-timeout': {
    status: 504,
    side: 'upstream',
    phase: 'answer',
    closes: false,
    detail: 'The upstream did not answer in time.',
  },
  'upstream-body-timeout': {
    status: 504,
    side: 'upstream',
    phase: 'answer',
    closes: true,
    detail: 'The upstream stopped in the middle of its answer.',
  },
  'upstream-closed': {
    status: 502,
    side: 'upstream',
    phase: 'answer',
    closes: false,
    detail: 'The upstream closed the connection before its answer was complete.',
  },
  'upstream-malformed': {
    status: 502,
    side: 'upstream',
    phase: 'answer',
    closes: false,
    detail: 'The answer of the upstream is not well-formed HTTP/1.1.',
  },
  'upstream-overloaded': {
    status: 503,
    side: 'upstream',
    phase: 'connect',
    closes: false,
    retryAfter: 1,
    detail: 'Too many requests wait for the upstream.',
  },
  'no-owner': {
    status: 503,
    side: 'upstream',
    phase: 'answer',
    closes: false,
    retryAfter: 1,
    detail: 'No system takes this request at this moment; nothing of it was done.',
  },
  'too-many-connections': {
    status: 503,
    side: 'proxy',
    phase: 'receive',
    closes: true,
    retryAfter: 1,
    detail: 'Too many connections are open.',
  },
  draining: {
    status: 503,
    side: 'proxy',
    phase: 'receive',
    closes: true,
    retryAfter: 1,
    detail: 'This proxy is being shut down.',
  },
};
