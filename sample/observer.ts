import type { Status } from '#proxy/control/status.ts';
import { copyOf } from './copy-state.ts';
import type { SampleEvent } from './events.ts';
import { inForce, type SharesModel } from './in-force.ts';
import type { FlagsModel, LiveModel, Places, ProcessModel, RampModel, SideModel } from './live-model.ts';
import type { Migration } from './migration.ts';
import type { LastMove } from '#proxy/control/mover/moving.ts';
import { createMoveCounts } from './move-counts.ts';
import { ownershipOf } from './ownership-look.ts';
import type { ReadCounter } from './read-counter.ts';
import type { ReleaseModel } from './release/release-model.ts';
import type { ShadowModel } from './shadow-look.ts';
import type { TallySnapshot } from './traffic/tally.ts';

export interface ObserverOptions {
  readonly migration: Pick<Migration, 'name'>;
  readonly reads: ReadCounter;
  /** Those of the flag file; `undefined` while it cannot be used. */
  readonly shares: () => SharesModel | undefined;
  readonly places: Places;
  readonly status: () => Promise<Status | undefined>;
  readonly shadow: () => Promise<ShadowModel | undefined>;
  readonly users: () => TallySnapshot | undefined;
  readonly ramp: () => RampModel;
  readonly release: () => ReleaseModel;
  readonly processes: () => readonly ProcessModel[];
  /** Which of the processes is the proxy. It starts its own workers again, which only its status tells. */
  readonly proxy: string;
  readonly tell: (event: SampleEvent) => void;
}

export interface Observer {
  /** Asks the proxy and puts everything together. Calls must not overlap. */
  look(): Promise<LiveModel>;
}

interface Counts {
  readonly at: number;
  readonly monolith: number;
  readonly service: number;
  readonly users: number;
}

/** Rates are of so many milliseconds, or what there is of them. */
const rateWindowMs = 3_000;
const keptMoves = 100;

/** Puts the live model together, and tells what changes: the state of the flags, the first failed requests. */
export function createObserver(options: ObserverOptions): Observer {
  const startedAt = performance.now();
  const history: Counts[] = [];
  const { reads } = options;
  const countMoves = createMoveCounts();
  let flags: FlagsModel | undefined;
  const moves: LastMove[] = [];
  let toldFailures = 0;
  let toldRestarts = 0;
  let latest: LiveModel | undefined;
  let shares: SharesModel | undefined;

  function tellChanges(now: FlagsModel | undefined, users: TallySnapshot | undefined): void {
    const changed =
      now !== undefined &&
      flags !== undefined &&
      (now.state !== flags.state || now.lastError !== flags.lastError);
    if (changed) options.tell({ event: 'flags', ...now });
    flags = now ?? flags;
    for (const what of users?.failures.slice(toldFailures) ?? [])
      options.tell({ event: 'request-failed', what });
    toldFailures = users?.failures.length ?? 0;
    if (reads.restarts() > toldRestarts) options.tell({ event: 'proxy-restarted' });
    toldRestarts = reads.restarts();
  }

  function tellMove(last: LastMove | undefined): void {
    if (last === undefined || last.at === moves.at(-1)?.at) return;
    moves.push(last);
    if (moves.length > keptMoves) moves.shift();
    const { to, moved, pause } = last;
    options.tell({ event: 'moved', to, moved, pauseMs: pause.max });
  }

  function withProxyRestarts(processes: readonly ProcessModel[]): ProcessModel[] {
    return processes.map((each) =>
      each.name === options.proxy ? { ...each, restarts: Math.max(each.restarts, reads.restarts()) } : each,
    );
  }

  return {
    async look() {
      const status = await options.status();
      const shadow = await options.shadow();
      const users = options.users();
      const total = reads.add(status);
      const done = (users?.ok ?? 0) + (users?.refused ?? 0) + (users?.failed ?? 0);
      history.push({ at: performance.now(), ...total, users: done });
      while (history.length > 2 && (history[1]?.at ?? 0) < performance.now() - rateWindowMs) history.shift();
      const rates = ratesOf(history);
      const migration = status?.migrations[options.migration.name];
      const side = (which: 'monolith' | 'service', fallback: string): SideModel => ({
        name: migration?.targets[which] ?? latest?.reads[which].name ?? fallback,
        total: total[which],
        perSecond: rates[which],
        latency: migration?.readLatencyMs[which],
      });
      const now = status && flagsOf(status);
      shares = options.shares() ?? shares;
      tellChanges(now, users);
      const owners = ownershipOf(status, options.migration.name) ?? latest?.ownership;
      // Where nothing can be moved any more nobody tells of the last move either.
      const lastMove = owners?.last ?? latest?.ownership?.last;
      const ownership = owners && { ...owners, last: lastMove, ...countMoves(status?.workers ?? []) };
      tellMove(ownership?.last);
      const both = rates.monolith + rates.service;
      latest = {
        elapsedSeconds: (performance.now() - startedAt) / 1_000,
        ramp: options.ramp(),
        inForce: inForce(status, options.migration, shares),
        reads: { monolith: side('monolith', 'monolith'), service: side('service', 'service') },
        observedShare: both === 0 ? undefined : (100 * rates.service) / both,
        users: users === undefined ? undefined : { ...users, perSecond: rates.users },
        shadow,
        flags: now,
        copy: copyOf(status, options.migration.name),
        ownership,
        moves: [...moves],
        release: options.release(),
        processes: withProxyRestarts(options.processes()),
        places: options.places,
      };
      return latest;
    },
  };
}

function flagsOf({ flags: { state, lastError, firstProblem } }: Status): FlagsModel {
  return { state, lastError, firstProblem };
}

function ratesOf(history: readonly Counts[]): Omit<Counts, 'at'> {
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined || last.at === first.at)
    return { monolith: 0, service: 0, users: 0 };
  const rate = (name: keyof Counts): number =>
    Math.max(0, ((last[name] - first[name]) * 1_000) / (last.at - first.at));
  return { monolith: rate('monolith'), service: rate('service'), users: rate('users') };
}
