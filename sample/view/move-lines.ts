import type { LiveModel } from '#sample/live-model.ts';
import { soleOwner, type OwnershipModel } from '#sample/ownership-look.ts';
import { milliseconds, whole } from './format.ts';
import { label } from './labelled.ts';
import { part, type Line } from './line.ts';

/** Who owns the data, what the last move cost, and what requests met on the way. */
export function ownerText(model: OwnershipModel | undefined): string {
  if (model === undefined) return 'not known yet';
  const { last, held, heldMs, redirected, unanswered, problem } = model;
  const paused =
    last === undefined ? '' : `, last move to the ${last.to}: writes paused ${milliseconds(last.pause.max)}`;
  const refused = unanswered === 0 ? '' : `, ${whole(unanswered)} without an owner`;
  const longest = held === 0 ? '' : ` (${milliseconds(heldMs / held)} each)`;
  const why = problem === undefined ? '' : `, held up: ${problem}`;
  return `${ownerWord(model)}${paused}, requests: ${whole(held)} held${longest}, ${whole(redirected)} redirected${refused}${why}`;
}

function ownerWord(model: OwnershipModel): string {
  const { owned } = model;
  const owner = soleOwner(model);
  if (owner !== undefined) return `the ${owner}`;
  const parts = (['monolith', 'service', 'moving'] as const).filter((side) => owned[side] > 0);
  return parts.map((side) => `${side} ${owned[side]}`).join(', ');
}

export function ownerLine({ ownership }: Pick<LiveModel, 'ownership'>): Line {
  const isBad = (ownership?.unanswered ?? 0) > 0 || ownership?.problem !== undefined;
  return [label('Owner'), part(ownerText(ownership), isBad ? 'bad' : 'plain')];
}

/** All moves of a run, in the order in which they came. */
export function movesText(moves: LiveModel['moves']): string {
  if (moves.length === 0) return 'none';
  return moves.map(({ to, pause }) => `to the ${to} (paused ${milliseconds(pause.max)})`).join(', ');
}
