import type { Stage } from '#flags/stages.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { openPools } from './move.ts';
import { closeSplits, type Alarm } from './split-watch.ts';
import { closePools, wantedFrom, type WantedMove } from './wanted.ts';

/** Looks at both sides again and again, by one connection to each: opening one costs a server more than all the rest. */
export interface MoveLook {
  wantedMoves(stage: Stage): Promise<WantedMove[]>;
  closeSplits(by: string): Promise<Alarm[]>;
  close(): Promise<void>;
}

export function openLook(plan: CutoverPlan): MoveLook {
  const pools = openPools(plan, 1);
  return {
    wantedMoves: (stage) => wantedFrom({ plan, pools }, stage),
    closeSplits: (by) => closeSplits({ plan, pools }, by),
    close: () => closePools(pools),
  };
}
