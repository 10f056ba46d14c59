import { stageTable, type Side, type Stage } from '#flags/stages.ts';
import type { LastMove } from '#proxy/control/mover/moving.ts';
import type { Status } from '#proxy/control/status.ts';
import { copyOf } from './copy-state.ts';
import type { MoveCounts } from './move-counts.ts';

/** Who owns the data, and what moves cost the requests. */
export interface OwnershipModel extends MoveCounts {
  /** Buckets by owner, as the proxy's worker knows it that lags behind most. */
  readonly owned: Readonly<Record<Side | 'moving', number>>;
  readonly state: 'none' | 'moving' | 'held-up';
  /** Why a move is held up. */
  readonly problem: string | undefined;
  readonly last: LastMove | undefined;
}

/** @returns `undefined` while the proxy does not say who owns anything */
export function ownershipOf(
  status: Status | undefined,
  migration: string,
): Omit<OwnershipModel, keyof MoveCounts> | undefined {
  if (status === undefined) return undefined;
  const known = status.workers.map(({ ownership }) => {
    const groups = Object.values(ownership.migrations[migration]?.groups ?? {});
    const sum = (of: Side | 'moving'): number => groups.reduce((total, { owned }) => total + owned[of], 0);
    return {
      epoch: groups.reduce((total, group) => total + group.epoch, 0),
      owned: { monolith: sum('monolith'), service: sum('service'), moving: sum('moving') },
    };
  });
  const [first, ...others] = known;
  if (first === undefined) return undefined;
  const { owned } = others.reduce((a, b) => (b.epoch < a.epoch ? b : a), first);
  if (owned.monolith + owned.service + owned.moving === 0) return undefined;
  const moves = copyOf(status, migration)?.moves;
  return { owned, state: moves?.state ?? 'none', problem: moves?.problem, last: moves?.last };
}

/** The side that owns all of it; `undefined` while there is none. */
export function soleOwner({ owned }: Pick<OwnershipModel, 'owned'>): Side | undefined {
  if (owned.moving > 0 || (owned.monolith > 0 && owned.service > 0)) return undefined;
  return owned.service > 0 ? 'service' : 'monolith';
}

/** Why the data are not yet where a stage wants them; `undefined` once they are. */
export function notMovedYet(
  model: Pick<OwnershipModel, 'owned' | 'problem'> | undefined,
  stage: Stage,
): string | undefined {
  const { writes } = stageTable[stage];
  if (model === undefined) return 'the proxy does not know yet who owns the data';
  if (soleOwner(model) === writes) return undefined;
  const why = model.problem === undefined ? '' : `: ${model.problem}`;
  return `the data are moving to the ${writes}${why}`;
}
