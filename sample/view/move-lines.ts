import type { LiveModel } from '#sample/live-model.ts';
import { soleOwner, type OwnershipModel } from '#sample/ownership-look.ts';
import { milliseconds, whole } from './format.ts';
import { label, withText } from './labelled.ts';
import { part, type Line } from './line.ts';

/** Who owns the data, what the last move cost, and what requests met on the way. */
export function ownerText(model: OwnershipModel | undefined): string {
  const problem = model?.problem;
  return [...ownerParts(model), ...(problem === undefined ? [] : [`held up: ${problem}`])].join(', ');
}

function ownerParts(model: OwnershipModel | undefined): string[] {
  if (model === undefined) return ['not known yet'];
  const { last, held, heldMs, redirected, unanswered, waited, stale } = model;
  return [
    ownerWord(model),
    ...(last === undefined ? [] : [`last pause ${milliseconds(last.pause.max)}`]),
    `held ${whole(held)}${held === 0 ? '' : ` (${milliseconds(heldMs / held)})`}`,
    `redirected ${whole(redirected)}`,
    ...(unanswered === 0 ? [] : [`without an owner ${whole(unanswered)}`]),
    ...(waited === 0 ? [] : [`waited ${whole(waited)}${stale === 0 ? '' : ` (${whole(stale)} in vain)`}`]),
  ];
}

function ownerWord(model: OwnershipModel): string {
  const { owned } = model;
  const owner = soleOwner(model);
  if (owner !== undefined) return owner;
  const parts = (['monolith', 'service', 'moving'] as const).filter((side) => owned[side] > 0);
  return parts.map((side) => `${side} ${owned[side]}`).join(' + ');
}

export function ownerLines({ ownership }: Pick<LiveModel, 'ownership'>, columns: number): Line[] {
  const isBad = (ownership?.unanswered ?? 0) > 0;
  const line = [label('Owner'), part(ownerParts(ownership).join('   '), isBad ? 'bad' : 'plain')];
  return withText(line, ownership?.problem, columns);
}

const shownMoves = 3;

/** The last moves and how long writes paused in each; no line before the first. */
export function movesLines({ moves }: Pick<LiveModel, 'moves'>): Line[] {
  if (moves.length === 0) return [];
  const shown = moves.slice(-shownMoves).map(({ to, pause }) => `${to} ${milliseconds(pause.max)}`);
  return [[label('Paused'), part(`moving to: ${shown.join(', ')}`)]];
}

/** All moves of a run, in the order in which they came. */
export function movesText(moves: LiveModel['moves']): string {
  if (moves.length === 0) return 'none';
  return moves.map(({ to, pause }) => `to the ${to} (paused ${milliseconds(pause.max)})`).join(', ');
}
