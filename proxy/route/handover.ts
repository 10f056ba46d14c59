import type { Side } from '#flags/stages.ts';
import type { Handover, HandoverEnd, HeldSoFar } from '#proxy/http/handover.types.ts';
import type { Fact, OwnerFacts, Place } from './owner-facts.ts';
import type { OwnerFact } from './ownership.types.ts';
import { readRefusal } from './refusal.ts';
import type { Route } from './table.ts';

/** What all handovers of one process share. */
export interface HandoverWorld {
  readonly facts: OwnerFacts;
  /** A refusal told something new. */
  learned(fact: OwnerFact): void;
  /** Who waits there may go on. */
  tell(place: Place): void;
  mayScout(place: Place): boolean;
  /** Calls when more is known of this place. Returns how to stop. */
  onNews(place: Place, listener: () => void): () => void;
  /** Whether control was heard lately, so that its next word is worth waiting for. */
  hearsControl(): boolean;
  ended(end: HandoverEnd): void;
}

export interface Handed {
  readonly route: Pick<Route, 'migration' | 'monolith' | 'service'>;
  /** Where its data is, as far as is known before anybody refused. */
  readonly place: Place | undefined;
  /** The key turned out to be in that bucket of that group. */
  readonly foundAt: (place: Place) => void;
}

/** While control is heard, its word is waited for this long; a message may have been lost. */
const trustControlMs = 1_000;
/**
 * Without control, the side that is to take over is asked only after this long: as long as it has not opened it is a copy,
 * and what it says of a request that it does not even try to write may be of the past.
 */
const askTakerAfterMs = 100;

/** The way of one request through a change of owners. The databases' gates decide; this only finds the way quickly. */
export function handoverOf(world: HandoverWorld, { route, place: known, foundAt }: Handed): Handover {
  const { facts } = world;
  let place = known;
  /** Epoch at which each side last refused this request. */
  const refusedAt: Partial<Record<Side, number>> = {};
  let asksTaker = false;

  const targetOf = (side: Side): string => (side === 'service' ? route.service : route.monolith);
  const sideOf = (upstream: string): Side => (upstream === route.service ? 'service' : 'monolith');

  function whileMoving(at: Place, fact: Fact, { heldMs, waited }: HeldSoFar): string | undefined {
    if (!waited || (heldMs < trustControlMs && world.hearsControl())) return undefined;
    if (!world.mayScout(at)) return undefined;
    const { from = 'monolith' } = fact;
    asksTaker = heldMs >= askTakerAfterMs && !asksTaker;
    return targetOf(asksTaker ? otherSide(from) : from);
  }

  return {
    refused(upstream, lines) {
      const said = readRefusal(lines);
      if (said === undefined) return false;
      const side = sideOf(upstream);
      const { group, bucket, epoch } = said;
      place = { migration: route.migration, group, bucket };
      refusedAt[side] = epoch;
      facts.unguess(place, side);
      // A side that names itself has just opened, or contradicts itself: either way it is asked again after a while.
      const owner = said.owner === side ? undefined : said.owner;
      const fact: OwnerFact = { ...place, owner, from: owner === undefined ? side : undefined, epoch };
      foundAt(place);
      if (facts.learn(fact)) world.learned(fact);
      return true;
    },
    next(held) {
      const fact = place === undefined ? undefined : facts.of(place);
      if (place === undefined || fact === undefined) return undefined;
      const { owner, epoch } = fact;
      if (owner === undefined) return whileMoving(place, fact, held);
      // It refused in this very state, or a later one: nothing is gained by asking at once.
      if (!held.waited && (refusedAt[owner] ?? -1) >= epoch) return undefined;
      return targetOf(owner);
    },
    onNews(listener) {
      return place === undefined ? () => undefined : world.onNews(place, listener);
    },
    ended(end) {
      const taken = end.status >= 200 && end.status < 300;
      if (place !== undefined && taken && facts.guess(place, sideOf(end.upstream))) world.tell(place);
      world.ended(end);
    },
  };
}

function otherSide(side: Side): Side {
  return side === 'monolith' ? 'service' : 'monolith';
}
