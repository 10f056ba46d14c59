import { otherSide } from '../plan.ts';
import type { BothFacts } from './facts.types.ts';
import type { Standing } from './standing.ts';

/** Where a bucket stands and why, for people. */
export function describeStanding(stands: Standing, facts: BothFacts): string {
  if (stands.kind === 'at-rest') return `${stands.owner} owns it at epoch ${stands.epoch}`;
  if (stands.kind === 'undecided') {
    const to = otherSide(stands.from);
    return `moving from the ${stands.from}: the ${to} ${stands.drained ? 'has everything and may open' : 'has not got everything yet'}`;
  }
  if (stands.kind === 'aborted')
    return `a move from the ${stands.from} was undone: the ${stands.from} is to be opened again`;
  if (stands.kind === 'split')
    return stands.lower === undefined
      ? `SPLIT: both sides own it at epoch ${facts.monolith.epoch}; one must be closed by hand (banyan cutover force-open --side …)`
      : `SPLIT: both sides own it; the ${stands.lower} has the lower epoch and is to be closed`;
  return `the sides contradict each other (monolith ${wordsOf(facts, 'monolith')}; service ${wordsOf(facts, 'service')}): was a database restored? Choose with: banyan cutover force-open --side …`;
}

function wordsOf(facts: BothFacts, side: keyof BothFacts): string {
  const { state, epoch, drained } = facts[side];
  return `${state} at epoch ${epoch}, drained ${drained}`;
}
