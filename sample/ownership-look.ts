import { stageTable, type Side, type Stage } from '#flags/stages.ts';
import type { LastMove } from '#proxy/control/mover/moving.ts';
import type { Status } from '#proxy/control/status.ts';
import { copyOf } from './copy-state.ts';

/** Who owns the data, and what moves cost the requests. */
export interface OwnershipModel {
  /** Buckets by owner, as the proxy's worker knows it that lags behind most. */
  readonly owned: Readonly<Record<Side | 'moving', number>>;
  readonly state: 'none' | 'moving' | 'held-up';
  /** Why a move is held up. */
  readonly problem: string | undefined;
  readonly last: LastMove | undefined;
  /** Requests since the start that were held, and milliseconds of that together. */
  readonly held: number;
  readonly heldMs: number;
  /** Requests that went to the other side after a refusal. */
  readonly redirected: number;
  /** Requests that were told that there is no owner. */
  readonly unanswered: number;
  /** Requests to the side that stays, that waited for its copy; and those among them that went on without it. */
  readonly waited: number;
  readonly stale: number;
}

/** @returns `undefined` while the proxy does not say who owns anything */
export function ownershipOf(status: Status | undefined, migration: string): OwnershipModel | undefined {
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
  const count = (of: 'held' | 'heldMs' | 'redirected' | 'unanswered' | 'waited' | 'stale'): number =>
    status.workers.reduce((total, { ownership }) => total + ownership.counts[of], 0);
  return {
    owned,
    state: moves?.state ?? 'none',
    problem: moves?.problem,
    last: moves?.last,
    held: count('held'),
    heldMs: count('heldMs'),
    redirected: count('redirected'),
    unanswered: count('unanswered'),
    waited: count('waited'),
    stale: count('stale'),
  };
}

/** The side that owns all of it; `undefined` while there is none. */
export function soleOwner({ owned }: OwnershipModel): Side | undefined {
  if (owned.moving > 0 || (owned.monolith > 0 && owned.service > 0)) return undefined;
  return owned.service > 0 ? 'service' : 'monolith';
}

/** Why the data are not yet where a stage wants them; `undefined` once they are. */
export function notMovedYet(model: OwnershipModel | undefined, stage: Stage): string | undefined {
  const { writes } = stageTable[stage];
  if (model === undefined) return 'the proxy does not know yet who owns the data';
  if (soleOwner(model) === writes) return undefined;
  const why = model.problem === undefined ? '' : `: ${model.problem}`;
  return `the data are moving to the ${writes}${why}`;
}
