import { readFileSync } from 'node:fs';
import { sharesIn } from '#flags/share.ts';
import { stageTable, type Stage } from '#flags/stages.ts';
import type { Status } from '#proxy/control/status.ts';
import type { Migration } from './migration.ts';

/** What the proxy goes by, whoever has set it: the ramp, or somebody's hand beside it. */
export interface InForceModel {
  readonly stage: Stage;
  readonly killed: boolean;
  /** Lowest and highest share of the read flags, 0-100. */
  readonly shares: SharesModel;
}

export interface SharesModel {
  readonly least: number;
  readonly most: number;
  /** Whether targets or rules give some keys another side. */
  readonly exceptions: boolean;
}

/** @returns `undefined` while the flag file cannot be used */
export function readShares(
  flagFile: string,
  { readFlags }: Pick<Migration, 'readFlags'>,
): SharesModel | undefined {
  try {
    const shares = [...(sharesIn(readFileSync(flagFile, 'utf8'), readFlags)?.values() ?? [])];
    if (shares.length < readFlags.length) return undefined;
    const percents = shares.map(({ percent }) => percent);
    return {
      least: Math.min(...percents),
      most: Math.max(...percents),
      exceptions: shares.some(({ exceptions }) => exceptions),
    };
  } catch {
    // The proxy tells what is wrong with it.
    return undefined;
  }
}

/** @param shares of the last flag file that was good: they stay in force */
export function inForce(
  status: Status | undefined,
  { name }: Pick<Migration, 'name'>,
  shares: SharesModel | undefined,
): InForceModel | undefined {
  const migration = status?.migrations[name];
  if (migration === undefined || shares === undefined) return undefined;
  return { stage: migration.stage, killed: migration.killed, shares };
}

/** The part of the reads that the service answers by all of it together, exceptions apart. */
export function effectiveShare({ stage, killed, shares }: InForceModel): {
  readonly least: number;
  readonly most: number;
} {
  // At complete the kill switch has no effect: the monolith gets no copy any more.
  if (killed && stage !== 'complete') return { least: 0, most: 0 };
  const { reads } = stageTable[stage];
  if (reads === 'share') return shares;
  return reads === 'service' ? { least: 100, most: 100 } : { least: 0, most: 0 };
}
