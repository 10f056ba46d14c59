import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { openStatePool } from '#proxy/state/state-pool.ts';
import { prepareState } from '#proxy/state/state-schema.ts';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { ShadowDelta } from '../delta.types.ts';
import { buildReport, judged, routeName } from './build-report.ts';
import { keepHouse } from './housekeeping.ts';
import { writeBatch, type Batch } from './postgres-batch.ts';
import { readFindings, readRoutes } from './postgres-query.ts';
import type { FindingReport, Judge } from './report.types.ts';
import { slotOf } from './slots.ts';
import { stateAway, type Amount, type ShadowStore, type StoreStatus } from './store.types.ts';
import { createTally, type Tally } from './tally.ts';
import type { FindingTotals, ReportQuery } from './totals.types.ts';

export interface PostgresStoreOptions {
  readonly url: string;
  /** Milliseconds. */
  readonly retention: number;
  readonly judge: Judge;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between two batches. Default 1,000. */
  readonly batchEveryMs?: number;
  /** Sums that wait at most while the database is away; the oldest go first. Default 20,000, a few megabytes. */
  readonly mostWaiting?: number;
}

const longestPauseMs = 30_000;
const houseEveryMs = 10 * 60_000;
const closeWithinMs = 5_000;
const pageSize = 200;

/** What is wrong with the batch itself (SQLSTATE classes 22 and 23): sending it again would fail again. */
const unwritable = /^2[23]/;

/**
 * Keeps what many proxies saw in PostgreSQL. The database may be away at the start and at any time later: deltas wait in
 * memory within a bound, what is beyond it is counted as lost.
 */
export function createPostgresStore(options: PostgresStoreOptions): ShadowStore {
  const { url, retention, judge, log, now = Date.now } = options;
  const { batchEveryMs = 1_000, mostWaiting = 20_000 } = options;
  let lastError: string | undefined;
  const fail = (error: unknown): void => {
    const told = plainly(error);
    if (lastError === undefined)
      log.warn({ detail: told }, 'the state database is away; findings wait in memory');
    lastError = told;
  };
  const state = openStatePool(url, fail);
  const { pool } = state;
  const writer = randomUUID();
  let waiting: Tally = createTally();
  let sending: Batch | undefined;
  let batches = 0;
  let lost: Amount = none;
  let prepared = false;
  let houseKeptAt = -Infinity;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<boolean> | undefined;
  let closed: Promise<void> | undefined;

  const lose = (more: Amount): void => {
    if (more.compared === 0 && more.found === 0) return;
    lost = sum(lost, more);
    log.error({ ...more, lost }, 'findings of shadowing could not be kept and are lost');
  };

  const send = async (): Promise<void> => {
    if (!prepared) {
      await prepareState(url);
      prepared = true;
    }
    // The one that failed before, then what came since.
    for (let turn = 0; turn < 2; turn += 1) {
      if (sending === undefined && !waiting.isEmpty()) {
        sending = { writer, number: (batches += 1), tally: waiting };
        waiting = createTally();
      }
      if (sending !== undefined) await writeBatch(pool, sending);
      sending = undefined;
    }
    if (now() - houseKeptAt >= houseEveryMs) {
      await keepHouse(pool, { now: now(), retention });
      houseKeptAt = now();
    }
  };

  /** @returns whether all is written; never throws */
  const flushOnce = async (): Promise<boolean> => {
    try {
      await send();
      if (lastError !== undefined) log.info('the state database takes findings again');
      lastError = undefined;
      failures = 0;
      return true;
    } catch (error) {
      fail(error);
      failures += 1;
      if (sending === undefined || !unwritable.test(codeOf(error) ?? '')) return false;
      lose(sending.tally.amount());
      sending = undefined;
      return flushOnce();
    }
  };
  /** One at a time. */
  const flush = (): Promise<boolean> => (running ??= flushOnce().finally(() => (running = undefined)));

  const schedule = (): void => {
    if (closed !== undefined) return;
    const pause = failures === 0 ? batchEveryMs : Math.min(longestPauseMs, batchEveryMs * 2 ** failures);
    timer = setTimeout(() => void flush().then(schedule), pause);
    timer.unref();
  };
  void flush().then(schedule);

  const status = (): StoreStatus => ({
    kind: 'postgres',
    state: lastError === undefined ? 'current' : 'away',
    waiting: sum(waiting.amount(), sending?.tally.amount() ?? none),
    lost,
    ...(lastError === undefined ? {} : { lastError }),
  });

  /** Writes what waits, so that a report holds all this process saw; then asks. */
  const ask = async <Answer>(question: (pool: Pool) => Promise<Answer>): Promise<Answer> => {
    // One that runs may have begun before the last delta came.
    await running;
    if (!(await flush())) throw stateAway(`The state database cannot be asked: ${lastError ?? 'unknown'}`);
    try {
      return await question(pool);
    } catch (error) {
      fail(error);
      throw stateAway(`The state database cannot be asked: ${plainly(error)}`, error);
    }
  };

  const findingsOf = async (query: ReportQuery): Promise<FindingTotals[]> => {
    const findings: FindingTotals[] = [];
    for (let after = ''; ;) {
      const page = await ask((db) => readFindings(db, { ...query, after, limit: pageSize }, now()));
      findings.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return findings;
      after = last.id;
    }
  };

  /** Route by route: verdicts need all findings of one, and a route has a bounded number. */
  const each = async function* (query: ReportQuery): AsyncIterable<FindingReport> {
    for (const route of await ask((db) => readRoutes(db, query, now()))) {
      const { migration, route: name } = route;
      const all = await findingsOf({ ...query, migration, route: name });
      const findings = all.filter((finding) => routeName(finding) === routeName(route));
      yield* judged(route, { findings, judge });
    }
  };

  const close = async (): Promise<void> => {
    clearTimeout(timer);
    const written = (async () => {
      await running;
      await flush();
    })();
    await Promise.race([written, delay(closeWithinMs, undefined, { ref: false })]);
    lose(sum(waiting.amount(), sending?.tally.amount() ?? none));
    await state.end(0);
  };

  return {
    add(delta: ShadowDelta) {
      waiting.add(delta);
      lose(waiting.shrink(mostWaiting));
    },
    async report(query = {}) {
      const routes = await ask((db) => readRoutes(db, query, now()));
      const findings = await findingsOf(query);
      const since = query.since === undefined ? undefined : slotOf(query.since, now());
      return buildReport({ routes, findings }, { judge, store: status(), now: now(), since });
    },
    findings: (query = {}) => each(query),
    async finding(id) {
      for await (const finding of each({})) if (finding.id === id) return finding;
      return undefined;
    },
    status,
    close: () => (closed ??= close()),
  };
}

const none: Amount = { compared: 0, found: 0 };

function sum(a: Amount, b: Amount): Amount {
  return { compared: a.compared + b.compared, found: a.found + b.found };
}

/** An error of several addresses tried has no message of its own. */
function plainly(error: unknown): string {
  const told = messageOf(error);
  return told === '' ? (codeOf(error) ?? 'unknown') : told;
}
