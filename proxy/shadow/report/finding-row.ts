import type { FindingDelta } from '../delta.types.ts';
import { keptSample, newest, type KeptSample } from './samples.ts';
import { storableSample } from './storable.ts';
import type { FindingKey, FindingTotals } from './totals.types.ts';

export interface FindingSlot {
  pairs: number;
  selfDiffered: number;
}

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
  addToSlot(row, slot, delta);
}

export function addToSlot(row: FindingRow, at: number, more: Readonly<FindingSlot>): void {
  const slot = row.slots.get(at) ?? { pairs: 0, selfDiffered: 0 };
  slot.pairs += more.pairs;
  slot.selfDiffered += more.selfDiffered;
  row.slots.set(at, slot);
}

/** Its sums from `from` on; `undefined` where nothing was seen then. */
export function findingTotals(row: FindingRow, from: number): FindingTotals | undefined {
  let pairs = 0;
  let selfDiffered = 0;
  for (const [at, slot] of row.slots) {
    if (at < from) continue;
    pairs += slot.pairs;
    selfDiffered += slot.selfDiffered;
  }
  if (pairs === 0 && selfDiffered === 0) return undefined;
  const { id, key, firstSeen, lastSeen } = row;
  const samples = row.samples.map(({ sample }) => sample);
  return { ...key, id, pairs, selfDiffered, firstSeen, lastSeen, samples };
}
