import type { Side } from '#flags/stages.ts';
import { otherSide } from '../plan.ts';
import type { BothFacts, BucketFact, StepName } from './facts.types.ts';

/** Where a bucket stands, told from the two databases alone. */
export type Standing =
  /** One side owns it, nothing is under way. */
  | { readonly kind: 'at-rest'; readonly owner: Side; readonly epoch: number }
  /** `from` is fenced, the other side has neither taken nor refused it. `epoch`: that of the move (e). */
  | { readonly kind: 'undecided'; readonly from: Side; readonly epoch: number; readonly drained: boolean }
  /** The other side has refused it: `from` must be opened again. */
  | { readonly kind: 'aborted'; readonly from: Side; readonly epoch: number }
  /** Both say that they own it. Read twice before it is believed: two reads of a moving bucket are not of one moment. */
  | { readonly kind: 'split'; readonly lower: Side | undefined }
  /** No row of the table: a database was restored or edited. */
  | { readonly kind: 'unknown' };

/** The table of the design, read as a function. */
export function standing(facts: BothFacts): Standing {
  const { monolith, service } = facts;
  if (monolith.state === 'owner' && service.state === 'owner') return split(monolith, service);
  const owner = monolith.state === 'owner' ? 'monolith' : service.state === 'owner' ? 'service' : undefined;
  if (owner !== undefined) return rested(owner, facts);
  const from = lastToGiveUp(facts);
  if (from === undefined) return { kind: 'unknown' };
  const epoch = facts[from].epoch - 1;
  const to = facts[otherSide(from)];
  if (to.epoch === epoch) return { kind: 'undecided', from, epoch, drained: to.drained === epoch + 1 };
  if (to.state === 'follower' && to.epoch === epoch + 2) return { kind: 'aborted', from, epoch };
  return { kind: 'unknown' };
}

function rested(owner: Side, facts: BothFacts): Standing {
  const { epoch } = facts[owner];
  const other = facts[otherSide(owner)];
  // A marker from the future: the owner was restored from before a fence, and the next one's marker would count as come.
  if (other.drained > epoch) return { kind: 'unknown' };
  return other.epoch === epoch ? { kind: 'at-rest', owner, epoch } : { kind: 'unknown' };
}

function split(monolith: BucketFact, service: BucketFact): Standing {
  if (monolith.epoch === service.epoch) return { kind: 'split', lower: undefined };
  return { kind: 'split', lower: monolith.epoch < service.epoch ? 'monolith' : 'service' };
}

/**
 * Of two sides that do not own the bucket, the fenced one whose fence is answered by the other: undecided (other one epoch
 * behind) or aborted (other one epoch ahead). Where both are fenced, the later fence counts.
 */
function lastToGiveUp({ monolith, service }: BothFacts): Side | undefined {
  if (monolith.state === 'fenced' && service.state === 'fenced')
    return monolith.epoch > service.epoch ? 'monolith' : 'service';
  if (monolith.state === 'fenced') return 'monolith';
  return service.state === 'fenced' ? 'service' : undefined;
}

export interface Wish {
  readonly owner: Side;
  /** Whether an undecided move has used up its time. */
  readonly pastBound: boolean;
}

export interface NextStep {
  readonly step: StepName;
  readonly from: Side;
  /** e of the move. */
  readonly epoch: number;
}

/**
 * What a controller does next, whoever began. `undefined`: nothing, or waiting for the drain.
 * An undecided move is finished when drained, whatever is wished now; past its bound it is undone.
 */
export function nextStep(stands: Standing, wish: Wish): NextStep | undefined {
  if (stands.kind === 'at-rest' && stands.owner !== wish.owner)
    return { step: 'fence', from: stands.owner, epoch: stands.epoch };
  if (stands.kind === 'aborted') return { step: 'reopen', from: stands.from, epoch: stands.epoch };
  if (stands.kind !== 'undecided') return undefined;
  if (stands.drained) return { step: 'commit', from: stands.from, epoch: stands.epoch };
  return wish.pastBound ? { step: 'abort', from: stands.from, epoch: stands.epoch } : undefined;
}
