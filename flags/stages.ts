/** LaunchDarkly's stages of a migration, in the order in which a migration walks through them. */
export const stages = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'] as const;

export type Stage = (typeof stages)[number];

export type Side = 'monolith' | 'service';

/** What one stage means. */
export interface StageRule {
  /** Side that takes the writes. */
  readonly writes: Side;
  /** Whether writes are copied: to the service, or back to the monolith. */
  readonly copied: 'no' | 'to-service' | 'back';
  /** Side that answers reads; `share`: the service for the keys that the read flag gives it, else the monolith. */
  readonly reads: Side | 'share';
  /** Whether reads go to both sides and the answers are compared. */
  readonly compared: boolean;
}

/** The only place that says what a stage means. */
export const stageTable: Readonly<Record<Stage, StageRule>> = Object.freeze({
  off: rule({ writes: 'monolith', copied: 'no', reads: 'monolith', compared: false }),
  dualwrite: rule({ writes: 'monolith', copied: 'to-service', reads: 'monolith', compared: false }),
  shadow: rule({ writes: 'monolith', copied: 'to-service', reads: 'share', compared: true }),
  live: rule({ writes: 'service', copied: 'back', reads: 'service', compared: true }),
  rampdown: rule({ writes: 'service', copied: 'back', reads: 'service', compared: false }),
  complete: rule({ writes: 'service', copied: 'no', reads: 'service', compared: false }),
});

export function isStage(value: unknown): value is Stage {
  return typeof value === 'string' && Object.hasOwn(stageTable, value);
}

/** Side that answers a read at this stage, where `inShare` is the read flag's answer for its key. */
export function readSide(stage: Stage, inShare: boolean): Side {
  const { reads } = stageTable[stage];
  if (reads !== 'share') return reads;
  return inShare ? 'service' : 'monolith';
}

function rule(rule: StageRule): StageRule {
  return Object.freeze(rule);
}
