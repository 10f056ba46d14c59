import type { FindingDelta } from '../delta.types.ts';
import { keptSample, newest, type KeptSample } from './samples.ts';
import { storableSample } from './storable.ts';
import type { FindingKey, FindingTotals } from './totals.types.ts';

export type FindingSlot = Record<FindingSum, number>;

export const findingSums = ['pairs', 'selfDiffered', 'shadowAlone', 'primaryAlone', 'allDiffer'] as const;
type FindingSum = (typeof findingSums)[number];

/** One group of differences, as it grows. */
export interface FindingRow {
  readonly id: string;
  readonly key: FindingKey;
  /** Over all slots. */
  pairs: number;
  firstSeen: number;
  lastSeen: number;
  samples: readonly KeptSample[];
  readonly slots: Map<number, FindingSlot>;
}

export function emptyFindingRow(id: string, key: FindingKey): FindingRow {
  return { id, key, pairs: 0, firstSeen: Infinity, lastSeen: -Infinity, samples: [], slots: new Map() };
}

export function addFindingDelta(row: FindingRow, slot: number, delta: FindingDelta): void {
  row.pairs += delta.pairs;
  row.firstSeen = Math.min(row.firstSeen, delta.firstSeen);
  row.lastSeen = Math.max(row.lastSeen, delta.lastSeen);
  row.samples = newest([
    ...row.samples,
    ...delta.samples.map((sample) => keptSample(storableSample(sample))),
  ]);
  const sums = row.slots.get(slot) ?? emptySlot();
  row.slots.set(slot, sums);
  addFindingSlot(sums, { pairs: delta.pairs, selfDiffered: delta.selfDiffered, ...delta.evidence });
}

export function addFindingSlot(slot: FindingSlot, more: Readonly<FindingSlot>): void {
  for (const name of findingSums) slot[name] += more[name];
}

function emptySlot(): FindingSlot {
  return { pairs: 0, selfDiffered: 0, shadowAlone: 0, primaryAlone: 0, allDiffer: 0 };
}

/** Its sums from `from` on; `undefined` where nothing was seen then. */
export function findingTotals(row: FindingRow, from: number): FindingTotals | undefined {
  const sums = emptySlot();
  for (const [at, slot] of row.slots) if (at >= from) addFindingSlot(sums, slot);
  const { pairs, selfDiffered, ...evidence } = sums;
  if (pairs === 0 && selfDiffered === 0) return undefined;
  const { id, key, firstSeen, lastSeen } = row;
  const samples = row.samples.map(({ sample }) => sample);
  return { ...key, id, pairs, selfDiffered, evidence, firstSeen, lastSeen, samples };
}
