import type { Ownership } from '#proxy/cutover/move/ownership.ts';
import { rangesOf } from '#proxy/cutover/ranges.ts';
import type { MovesStatus } from '#proxy/control/mover/moving.ts';
import { durationText } from './progress.ts';

export function ownershipText(ownership: readonly Ownership[]): string {
  const lines = ownership.map(({ group, buckets, what }) =>
    buckets.length === 0 ? `  ${what}` : `  ${group} ${rangesOf(buckets)}: ${what}`,
  );
  return `buckets:\n${lines.join('\n')}\n`;
}

export function movesText(moves: MovesStatus | undefined): string[] {
  if (moves === undefined) return [];
  const { state, to, problem, last, alarms } = moves;
  return [
    ...alarms.map(
      ({ group, bucket, message, closed }) =>
        `  ALARM ${group} bucket ${bucket}: ${message}${closed === undefined ? '' : ` (closed: ${closed})`}`,
    ),
    ...(state === 'none'
      ? []
      : [
          `  moves: ${state}${to === undefined ? '' : ` to the ${to}`}${problem === undefined ? '' : `: ${problem}`}`,
        ]),
    ...(last === undefined
      ? []
      : [
          `  last move: ${last.moved} buckets of ${last.group} to the ${last.to} at ${last.at}, writes waited ${durationText(last.pause.p99)} (p99)`,
        ]),
  ];
}
