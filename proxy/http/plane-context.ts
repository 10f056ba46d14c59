import type { Deadlines } from './deadlines.ts';
import type { HeldRequests } from './held-requests.ts';
import type { RequestRules } from './request-parser.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Decide, ExchangeReport, Limits } from './seam.ts';
import type { UpstreamPool } from './upstream-pool.ts';

/** What all connections and exchanges of one plane share. */
export interface PlaneContext {
  readonly limits: Required<Limits>;
  readonly decide: Decide;
  readonly onExchange: (report: ExchangeReport) => void;
  readonly deadlines: Deadlines;
  readonly pools: ReadonlyMap<string, UpstreamPool>;
  readonly requestRules: RequestRules;
  readonly retryBudget: RetryBudget;
  readonly held: HeldRequests;
  /** Counts answers that wait, apart from requests that do. */
  readonly heldAnswers: HeldRequests;
  readonly serverTiming: boolean;
  draining: boolean;
  /** Exchanges that run now. */
  running: number;
}
