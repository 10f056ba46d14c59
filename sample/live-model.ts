import type { LatencySummary } from '#shared/telemetry/latency-histogram.ts';
import type { Stage } from '#flags/stages.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import type { LastMove } from '#proxy/control/mover/moving.ts';
import type { InForceModel } from './in-force.ts';
import type { OwnershipModel } from './ownership-look.ts';
import type { ReleaseModel } from './release/release-model.ts';
import type { ShadowModel } from './shadow-look.ts';
import type { TallySnapshot } from './traffic/tally.ts';

/** All that the view shows, at one moment. */
export interface LiveModel {
  readonly elapsedSeconds: number;
  readonly ramp: RampModel;
  /** `undefined` while the proxy does not answer. */
  readonly inForce: InForceModel | undefined;
  readonly reads: { readonly monolith: SideModel; readonly service: SideModel };
  /** Part of the user reads of the last seconds that the service answered, 0-100; `undefined` without any. */
  readonly observedShare: number | undefined;
  readonly users: (TallySnapshot & { readonly perSecond: number }) | undefined;
  /** What comparing both sides has shown; `undefined` while nothing is known. */
  readonly shadow: ShadowModel | undefined;
  /** `undefined` while the proxy does not answer. */
  readonly flags: FlagsModel | undefined;
  /** `undefined` until the mover has said how the copy is. */
  readonly copy: MoverStatus | undefined;
  /** `undefined` until the proxy has said who owns the data. */
  readonly ownership: OwnershipModel | undefined;
  /** The moves that were seen so far, at most the last hundred. */
  readonly moves: readonly LastMove[];
  readonly release: ReleaseModel;
  readonly processes: readonly ProcessModel[];
  readonly places: Places;
}

export interface RampModel {
  readonly phase: 'starting' | 'ramping' | 'holding' | 'complete' | 'rolled-back';
  readonly stage: Stage;
  /** The share that it wants, 0-100; what is in force may be another. */
  readonly share: number;
  /** Whether it is just writing the flags, so that what is in force is ahead of it. */
  readonly moving: boolean;
  /** 1 … steps; 0 before the first. */
  readonly step: number;
  readonly steps: number;
  readonly secondsLeft: number | undefined;
  /** Why it holds or went back. */
  readonly reason: string | undefined;
}

export interface SideModel {
  readonly name: string;
  /** User reads that this side answered since the start. */
  readonly total: number;
  readonly perSecond: number;
  /** Of the user reads that it answered in the last ten seconds. */
  readonly latency: LatencySummary | undefined;
}

export interface FlagsModel {
  readonly state: 'current' | 'stale' | 'never-loaded';
  readonly lastError: string | undefined;
  /** The first thing that is wrong, in one line. */
  readonly firstProblem: string | undefined;
}

export interface ProcessModel {
  readonly name: string;
  /** `undefined` between a crash and the next start. */
  readonly pid: number | undefined;
  readonly restarts: number;
}

export interface Places {
  readonly proxyUrl: string;
  readonly adminUrl: string;
  readonly dataFolder: string;
  readonly logs: string;
  readonly flagFile: string;
  /** The configuration that the proxy goes by. */
  readonly configFile: string;
  /** What `banyan --env-from` needs in a second terminal. */
  readonly envFile: string;
}
