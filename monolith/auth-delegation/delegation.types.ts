import type { CallerCheck } from './caller.ts';

/** The way in which orders, payments and reporting learn who calls. */
export interface AuthDelegation {
  readonly checkCaller: CallerCheck;
  /** Waits for the checks that run, then closes its connections. */
  close(): Promise<void>;
}
