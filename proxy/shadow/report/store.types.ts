import type { ShadowDelta } from '../delta.types.ts';
import type { FindingReport, ShadowReport } from './report.types.ts';
import type { ReportQuery } from './totals.types.ts';

/** Keeps what the comparer saw, and tells it. */
export interface ShadowStore {
  /** Adds; never waits and never throws. What can't be kept is counted (`StoreStatus.lost`) and told in the log. */
  add(delta: ShadowDelta): void;
  /** @throws StateAwayError when the state database can't be asked */
  report(query?: ReportQuery): Promise<ShadowReport>;
  /**
   * Every finding, one after the other, without a bound on their number in memory.
   * @throws StateAwayError as `report`
   */
  findings(query?: ReportQuery): AsyncIterable<FindingReport>;
  /**
   * One finding with all its samples; `undefined` where there is none of that id.
   * @throws StateAwayError as `report`
   */
  finding(id: string): Promise<FindingReport | undefined>;
  status(): StoreStatus;
  /** Writes what is left, where that can be done within some seconds. */
  close(): Promise<void>;
}

export interface StoreStatus {
  readonly kind: 'memory' | 'postgres' | 'replay';
  /** Whether the last thing asked of it went well. */
  readonly state: 'current' | 'away';
  /** What is not in the database yet, and waits in memory. */
  readonly waiting: Amount;
  /** What could not be kept, since this process started. */
  readonly lost: Amount;
  readonly lastError?: string | undefined;
}

/** Compared pairs, and pairs that were in a finding. */
export interface Amount {
  readonly compared: number;
  readonly found: number;
}

/** The state database can't be asked now. */
export interface StateAwayError extends Error {
  readonly name: 'StateAwayError';
}

export function stateAway(detail: string, cause?: unknown): StateAwayError {
  const error = new Error(detail, { cause });
  return Object.assign(error, { name: 'StateAwayError' as const });
}

export function isStateAway(error: unknown): error is StateAwayError {
  return Error.isError(error) && error.name === 'StateAwayError';
}
