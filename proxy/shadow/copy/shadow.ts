import type { Side, Stage } from '#flags/stages.ts';
import { stageTable } from '#flags/stages.ts';
import { keySpaceOf } from '#proxy/config/key-space.ts';
import type { Config } from '#proxy/config/schema.ts';
import { Deadlines } from '#proxy/http/deadlines.ts';
import type { RequestHead, Tap, UpstreamOptions } from '#proxy/http/seam.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import type { AnalysisOptions } from '../analysis.ts';
import type { RouteDelta, ShadowDelta, SkipReason } from '../delta.types.ts';
import { createByteBudget } from './byte-budget.ts';
import { createCompareThread } from './compare-thread.ts';
import type { Copy } from './copy.ts';
import { conditionalHeaders } from './leg-lines.ts';
import { isEmpty, mergeRoutes, sumOfCounts } from './merge-deltas.ts';
import { createMigrationCopies, type CopiesState, type MigrationCopies } from './migration-copies.ts';
import { createRecentWrites, type SeenWrite } from './recent-writes.ts';
import { routePlans, type ComparedHeaders } from './route-plan.ts';
import { isSampled } from './sampling.ts';
import { writeTap } from './write-tap.ts';

/** One decided request, as far as comparing wants to know it. */
export interface DecidedRequest {
  readonly migration: string;
  readonly route: string;
  readonly kind: 'read' | 'write';
  readonly key: string | undefined;
  readonly stage: Stage;
  readonly killed: boolean;
  /** The side that it goes to. */
  readonly side: Side;
}

export interface ShadowOptions {
  readonly config: Config;
  /** By name of the target, as clients' requests use them. */
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>;
  readonly analysis: AnalysisOptions;
  /** Headers that are compared in a migration. */
  readonly compared: (migration: string) => ComparedHeaders;
  /** Processes that serve together on this machine. */
  readonly workers: number;
  readonly log: Logger;
  /** What was seen, once a second where there is something; and once more at the end. */
  readonly onDelta: (delta: ShadowDelta) => void;
  /** Writes that the other workers should know of, ten times a second at most. */
  readonly onWrites?: ((writes: readonly SeenWrite[]) => void) | undefined;
  /** The comparing thread's program, for tests. */
  readonly program?: URL;
}

export interface ShadowStatus {
  /** Copies that wait, that have legs under way, and differences that will be looked at again. */
  readonly waiting: number;
  readonly asking: number;
  readonly held: number;
  /** Bytes of copied bodies. */
  readonly heldBytes: number;
  /** Since the start, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** By migration: whether copies to a side are given up for a while. */
  readonly breakers: Readonly<Record<string, CopiesState['breakers']>>;
  readonly thread: { readonly running: boolean; readonly restarts: number; readonly pairs: number };
}

/** The comparer of one process. */
export interface Shadow {
  /** What is to hear the exchange of a request; `undefined` for most. Never throws. */
  tap(head: RequestHead, request: DecidedRequest): Tap | undefined;
  /** Writes that other workers saw. */
  learnWrites(writes: readonly SeenWrite[]): void;
  status(): ShadowStatus;
  /** Drops all work, tells what was counted, and ends within a quarter of a second or little more. */
  stop(): Promise<void>;
}

const tickMs = 50;
const writesEveryMs = 100;
const deltaEveryMs = 1_000;
const lastDeltaMs = 250;
const rememberedKeys = 50_000;
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @returns `undefined` where the configuration has no route of which copies are taken */
export function startShadow(options: ShadowOptions): Shadow | undefined {
  const { config, upstreams, workers, log, onDelta, onWrites } = options;
  const plans = routePlans(config, options.compared);
  if (plans.size === 0) return undefined;
  const bounds = config.shadow;
  const budget = createByteBudget(bounds.memory);
  const deadlines = new Deadlines();
  const writes = createRecentWrites(rememberedKeys);
  const spaces = new Map(
    Object.values(config.migrations).flatMap(({ routes }) =>
      routes.map((route) => [route.name, keySpaceOf(route.key)] as const),
    ),
  );
  const byMigration = new Map<string, MigrationCopies>();
  let pending: RouteDelta[] = [];
  let from = Date.now();
  let onLastDelta: (() => void) | undefined;
  let stopped: Promise<void> | undefined;

  const thread = createCompareThread({
    analysis: options.analysis,
    ...(options.program === undefined ? {} : { program: options.program }),
    maxPairs: bounds.queue,
    maxBytes: bounds.memory,
    log,
    onWish: (copy: Copy, wish) => byMigration.get(copy.facts.plan.migration)?.onWish(copy, wish),
    onDelta: (delta) => {
      tell(delta);
      onLastDelta?.();
    },
  });
  const migrations = Object.entries(config.migrations);
  for (const [name, migration] of migrations) {
    const upstreamOf = (target: string): UpstreamOptions => {
      const found = upstreams[target];
      if (found === undefined) throw new Error(`migration ${name} has no target ${target}`);
      return found;
    };
    byMigration.set(
      name,
      createMigrationCopies({
        name,
        migration,
        upstreams: { monolith: upstreamOf(migration.monolith), service: upstreamOf(migration.service) },
        queue: Math.max(1, Math.ceil(bounds.queue / migrations.length)),
        maxBodyBytes: bounds.maxBodyBytes,
        workers,
        budget,
        deadlines,
        writes,
        thread,
        onBreaker: ({ side, open }) =>
          open
            ? log.warn({ migration: name, side }, 'copies to this side fail and are left out for a while')
            : log.info({ migration: name, side }, 'copies to this side are answered again'),
      }),
    );
  }

  /** One delta of what both threads counted. */
  function tell(compared: ShadowDelta | undefined): void {
    const routes = mergeRoutes([...pending, ...(compared?.routes ?? [])]);
    pending = [];
    const delta: ShadowDelta = { from, to: Date.now(), routes, findings: compared?.findings ?? [] };
    if (isEmpty(delta)) return;
    from = delta.to;
    onDelta(delta);
  }

  /** @returns whether the comparing thread will add its part */
  function askForDelta(): boolean {
    // The thread did not answer within a whole second: what is ours goes alone.
    if (pending.length > 0) tell(undefined);
    pending = [...plans.values()].flatMap(({ counts }) =>
      [counts.monolith.take(), counts.service.take()].filter((taken) => taken !== undefined),
    );
    if (thread.flush()) return true;
    tell(undefined);
    return false;
  }

  let ticks = 0;
  const ticker = setInterval(() => {
    ticks += 1;
    const now = Date.now();
    for (const copies of byMigration.values()) copies.tick(now);
    thread.tick(performance.now());
    if ((ticks * tickMs) % writesEveryMs === 0) tellWrites();
    if ((ticks * tickMs) % deltaEveryMs === 0) askForDelta();
  }, tickMs);
  ticker.unref();

  function tellWrites(): void {
    const seen = writes.takeNew();
    if (seen.length > 0) onWrites?.(seen);
  }

  function noteWrite({ migration, route, key }: DecidedRequest): void {
    const space = key === undefined ? '' : (spaces.get(route) ?? '');
    writes.note({ migration, space, key }, Date.now());
  }

  async function stop(): Promise<void> {
    clearInterval(ticker);
    for (const copies of byMigration.values()) copies.stop();
    deadlines.clear();
    if (askForDelta()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lastDeltaMs);
        onLastDelta = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (pending.length > 0) tell(undefined);
    }
    await thread.stop();
  }

  function copyOf(head: RequestHead, request: DecidedRequest): Tap | undefined {
    const plan = plans.get(request.route);
    const isWrite = request.kind === 'write';
    if (plan === undefined || (isWrite && !plan.unsafe)) return undefined;
    const counts = plan.counts[request.side];
    counts.eligible();
    if (!plan.unsafe && !safeMethods.has(head.method)) {
      counts.skip('unsafe-method');
      return undefined;
    }
    if (!isSampled(request, plan.share)) {
      counts.skip('not-sampled');
      return undefined;
    }
    return byMigration.get(request.migration)?.begin({
      plan,
      key: request.key,
      primarySide: request.side,
      id: head.id,
      isWrite,
      method: head.method,
      target: head.target,
      conditional: isConditional(head),
      startedAt: Date.now(),
    });
  }

  return {
    tap(head, request) {
      // Thrown on purpose, the kill switch says that the other side must not be asked, by a copy as little as by a client.
      if (stopped !== undefined || request.killed || !stageTable[request.stage].compared) return undefined;
      if (request.kind !== 'write') return copyOf(head, request);
      noteWrite(request);
      return copyOf(head, request) ?? writeTap(() => noteWrite(request));
    },
    learnWrites: (seen) => writes.learn(seen),
    status() {
      const states = [...byMigration].map(([name, copies]) => [name, copies.state()] as const);
      const sum = (of: (state: CopiesState) => number): number =>
        states.reduce((total, [, state]) => total + of(state), 0);
      return {
        waiting: sum(({ waiting }) => waiting),
        asking: sum(({ asking }) => asking),
        held: sum(({ held }) => held),
        heldBytes: budget.held(),
        skipped: sumOfCounts(
          ...[...plans.values()].flatMap(({ counts }) => [
            { ...counts.monolith.skipped },
            { ...counts.service.skipped },
          ]),
        ),
        breakers: Object.fromEntries(states.map(([name, { breakers }]) => [name, breakers])),
        thread: thread.state(),
      };
    },
    stop: () => (stopped ??= stop()),
  };
}

function isConditional(head: RequestHead): boolean {
  for (const name of conditionalHeaders) if (head.header(name) !== undefined) return true;
  return false;
}
