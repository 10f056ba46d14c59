import type { FailureCode } from './seam.ts';

export interface Failure {
  /** What the client gets, while nothing of an answer has been sent yet; 499 is never sent, only counted. */
  readonly status: number;
  /** Whose fault: tells dashboards and guardrails apart what the service did from what the client did. */
  readonly side: 'client' | 'proxy' | 'upstream';
  /** One sentence for the client. */
  readonly detail: string;
  /** Seconds for `Retry-After`, where coming again can help. */
  readonly retryAfter?: number;
}

/** Every way in which an exchange can fail, on one screen. */
export const failures: Readonly<Record<FailureCode, Failure>> = {
  'client-aborted': { status: 499, side: 'client', detail: 'The client went away.' },
  'client-malformed': { status: 400, side: 'client', detail: 'The request is malformed.' },
  'client-header-too-large': { status: 431, side: 'client', detail: 'The headers are too large.' },
  'client-body-too-large': { status: 413, side: 'client', detail: 'The body is too large.' },
  'client-timeout': { status: 408, side: 'client', detail: 'The request did not arrive in time.' },
  'expectation-failed': { status: 417, side: 'client', detail: 'Only 100-continue can be expected.' },
  'method-refused': { status: 405, side: 'client', detail: 'CONNECT and TRACE are not served.' },
  'no-route': { status: 404, side: 'proxy', detail: 'There is nothing at this address.' },
  'decision-failed': { status: 500, side: 'proxy', detail: 'The proxy could not decide where this goes.' },
  'upstream-unreachable': { status: 502, side: 'upstream', detail: 'The system behind cannot be reached.' },
  'upstream-connect-timeout': {
    status: 504,
    side: 'upstream',
    detail: 'The system behind did not accept in time.',
  },
  'upstream-header-timeout': {
    status: 504,
    side: 'upstream',
    detail: 'The system behind did not answer in time.',
  },
  'upstream-body-timeout': { status: 504, side: 'upstream', detail: 'The answer stopped in the middle.' },
  'upstream-closed': { status: 502, side: 'upstream', detail: 'The system behind closed the connection.' },
  'upstream-malformed': {
    status: 502,
    side: 'upstream',
    detail: 'The system behind sent an answer that is no HTTP.',
  },
  'upstream-overloaded': {
    status: 503,
    side: 'upstream',
    detail: 'Too many requests wait for the system behind.',
    retryAfter: 1,
  },
  draining: { status: 503, side: 'proxy', detail: 'This proxy is shutting down.', retryAfter: 1 },
};

/** The answer's body: problem+json (RFC 9457). It never repeats anything that the request said. */
export function failureBody(code: FailureCode, detail: string = failures[code].detail): string {
  return JSON.stringify({ type: 'about:blank', title: code, status: failures[code].status, code, detail });
}
